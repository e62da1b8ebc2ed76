import { logsIn, proxyRefusesReply, replyPasses, replyVanishes, scenario } from "anchorage";

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
  withoutProxy: replyPasses,
  withConntrack: replyVanishes,
});
