import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "STOU in place of STOR",
  who: "Scanners let the server choose a name that no file has. ftp-proxy(8) passes the command and its 150, whatever name is in there.",
  sources: ["RFC 959 §4.1.3 STOU", "RFC 1123 §4.1.2.9", "captures/quirks/rest-appe-stou.txt"],
  priority: 3,
  topic: "commands",
  modes: ["passive"],
  errands: ["store", "store"],
  commands: { STOR: "STOU" },
});
