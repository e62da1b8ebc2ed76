import { downloadsPassively, fails, logsIn, quits, rewritten229, says, scenario, worksAfterDetour } from "anchorage";

export default scenario({
  title: "--epsv-only: PORT and PASV are answered, not passed",
  quirk:
    "A site that wants but one way through its firewall. With --epsv-only the proxy itself answers the other commands with 502, which every client understands, and the session goes on.",
  sources: ["anchorage-ftp-proxy(8)", "RFC 2428 §4"],
  priority: 2,
  modes: ["active", "passive"],
  families: ["inet"],
  proxyArgs: ["--epsv-only"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await client.gets(502);
    await client.listensForData();
    await client.sends(`PORT ${client.hostPort}`);
    await client.gets(502);
    await anchor.isEmpty();
    await client.sends("EPSV");
    await server.gets("EPSV");
    await server.listensForData();
    await server.sends(`229 Entering Extended Passive Mode (|||${server.dataPort}|)`);
    await client.gets(rewritten229);
    await downloadsPassively(stage);
    await says(client, server, "NOOP", "200 Well");
    await quits(stage);
  },
  expect: {
    "ftp-proxy": worksAfterDetour(),
    conntrack: fails({ by: "server", at: "PASV", notice: "hangs" }),
    none: fails({ by: "server", at: "PASV", notice: "hangs" }),
  },
});
