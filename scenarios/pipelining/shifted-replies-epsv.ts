import { any, fails, logsIn, scenario } from "anchorage";

const blocked = fails({ by: "firewall", at: "data connection", notice: "hangs" });

export default scenario({
  title: "A FEAT reply that counts as two",
  quirk:
    "The client takes the first line of FEAT for all of it, asks on, and is one reply behind: the 229 comes after the 257.",
  sources: ["goftp/server #27", "ftp-proxy.md §7"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("FEAT");
    await server.gets("FEAT");
    await server.sendsSegments("211 211-Extensions supported:\n EPRT\n EPSV\n211 END\r\n");
    await client.gets(/^211 211-/);
    await client.gets(/^ EPRT/);
    await client.gets(/^ EPSV/);
    await client.sends("PWD");
    await client.gets("211 END");
    await client.sends("EPSV");
    await server.gets("PWD");
    await server.gets("EPSV");
    await server.listensForData();
    await server.sends('257 "/" is current directory');
    await server.sends(`229 Entering Extended Passive Mode (|||${server.dataPort}|)`);
    await client.gets(257);
    await client.gets(229);
    await anchor.isEmpty();
    await client.cannotOpenData("no-answer");
  },
  expect: { "ftp-proxy": blocked, conntrack: any, none: blocked },
});
