import { fails, logsIn, proxyRefusesReply, scenario } from "anchorage";

export default scenario({
  title: "A 229 with words after the port",
  quirk:
    "A server adds a word after the parenthesis, as the text of any reply may. ftp-proxy(8) starts to read at the last blank, behind the port: it finds none and ends the session.",
  sources: ["RFC 959 §4.2", "ftp-proxy.c 1.41 parse_port", "captures/quirks/epsv-229-text-after.txt"],
  priority: 3,
  modes: ["passive"],
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await client.sends("EPSV");
    await server.gets("EPSV");
    await server.listensForData();
    await proxyRefusesReply(stage, `229 Extended Passive Mode (|||${server.dataPort}|) ok`);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 229", notice: "connection closed" }),
    none: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
