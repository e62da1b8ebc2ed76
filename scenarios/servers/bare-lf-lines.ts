import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "Replies that end in a bare LF",
  who: "Some servers send LF where RFC 959 asks for CR LF. ftp-proxy(8) ends lines at LF: what it does not rewrite goes on as it came, what it rewrites gets CR LF.",
  sources: ["RFC 1123 §4.1.2.10", "curl ftpserver.pl REPLYLF", "captures/quirks/bare-lf-lines.pasv.txt"],
  priority: 1,
  topic: "framing",
  writes: (line) => [line.replaceAll("\r\n", "\n")],
});
