import { any, fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "Commands that end in a bare LF",
  who: "Scripts and old clients send LF where RFC 959 asks for CR LF. ftp-proxy(8) takes it for the end of a line: what it does not rewrite goes on as it came, its own PORT or EPRT has CR LF.",
  sources: ["RFC 1123 §4.1.2.10", "pure-ftpd src/ftp_parser.c", "captures/quirks/bare-lf-lines.pasv.txt"],
  priority: 1,
  topic: "framing",
  modes: ["passive", "active"],
  writes: (line) => [line.replace("\r\n", "\n")],
  expect: { conntrack: any, none: fails() },
});
