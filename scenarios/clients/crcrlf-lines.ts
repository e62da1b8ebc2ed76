import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "Commands that end in CR CR LF",
  who: "vsftpd knows clients that end lines with two CR. For ftp-proxy(8) the first is a byte like others: it goes on to the server, except in PORT and EPRT, where it follows the port and is ignored.",
  sources: ["vsftpd Changelog", "captures/quirks/crcrlf-lines.txt", "captures/quirks/crcrlf-lines.noop.txt"],
  priority: 3,
  topic: "framing",
  modes: ["active", "passive"],
  writes: (line) => [line.replace("\r\n", "\r\r\n")],
  expect: { none: fails() },
});
