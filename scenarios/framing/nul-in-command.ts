import { fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A NUL byte in a command",
  quirk:
    "RFC 2640 writes a CR in a path as CR NUL, and lftp does so. ftp-proxy(8) takes any NUL for the sign of something that is no command, and ends the session.",
  sources: ["RFC 2640 §3.1", "lftp ftpclass.cc", "captures/quirks/nul-in-command.txt"],
  priority: 1,
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.sendsSegments("CWD a\r\0b\r\n");
    await client.seesClose();
    await server.seesClose();
    await log.says("client command too long or not clean");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "CWD", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "CWD", notice: "hangs" }),
    none: fails({ by: "server", at: "CWD", notice: "hangs" }),
  },
});
