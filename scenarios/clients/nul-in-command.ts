import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "A path with CR NUL",
  who: "RFC 2640 writes a CR in a path as CR NUL, and lftp does so. ftp-proxy(8) takes any NUL for the sign of something that is no command, and ends the session.",
  sources: ["RFC 2640 §3.1", "lftp ftpclass.cc", "captures/quirks/nul-in-command.txt"],
  priority: 1,
  topic: "framing",
  errands: ["fetch"],
  commands: { RETR: ({ argument }) => `RETR a\r\0b/${argument}` },
  expect: {
    "ftp-proxy": fails({
      by: "proxy",
      at: "RETR",
      notice: "connection closed",
      log: "client command too long or not clean",
    }),
  },
});
