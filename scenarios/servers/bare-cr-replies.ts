import { fails, quirkyServer } from "anchorage";

const neverEnds = fails({ by: "server", at: "the login", notice: "hangs" });

export default quirkyServer({
  title: "Replies that end in a bare CR",
  who: "A server in old Macintosh style: its 331 never ends for a reader of LF. ftp-proxy(8) keeps what has come and sends nothing on.",
  sources: ["RFC 1123 §4.1.2.10", "captures/quirks/bare-cr-line.txt"],
  priority: 3,
  topic: "framing",
  replies: { USER: { in: ["331 Any password will do\r"] } },
  expect: { "ftp-proxy": neverEnds, conntrack: neverEnds, none: neverEnds },
});
