import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "Replies that end in CR CR LF",
  who: "A server writes CR LF through a library that turns LF into CR LF once more. For ftp-proxy(8) the first CR is a byte like others; behind the port of a 227 or 229 it is ignored.",
  sources: ["vsftpd Changelog", "captures/quirks/crcrlf-lines.txt"],
  priority: 3,
  topic: "framing",
  writes: (line) => [line.replaceAll("\r\n", "\r\r\n")],
});
