import { fails, logsIn, proxyRefusesReply, scenario } from "anchorage";

export default scenario({
  title: "A 229 without parentheses",
  quirk:
    "What lftp tolerates, ftp-proxy(8) does not: without a parenthesis after the last blank it finds no port and ends the session.",
  sources: ["RFC 2428 §3", "lftp src/ftpclass.cc Handle_EPSV", "captures/quirks/epsv-229-no-parens.txt"],
  priority: 3,
  modes: ["passive"],
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await client.sends("EPSV");
    await server.gets("EPSV");
    await server.listensForData();
    await proxyRefusesReply(stage, `229 Entering Extended Passive Mode |||${server.dataPort}|`);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 229", notice: "connection closed" }),
    conntrack: fails({ by: "network", at: "the 229", notice: "hangs" }),
    none: fails({ by: "server", at: "RETR", notice: "hangs" }),
  },
});
