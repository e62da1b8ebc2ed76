import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "Replies that are a code and nothing else",
  who: "Terse servers send three digits and the line's end, without the blank that RFC 959 asks for, unless a reply has an address to name. ftp-proxy(8) sends them on.",
  sources: ["RFC 959 §4.2", "commons-net FTP.java setStrictReplyParsing", "quirks-seen: reply-code-only"],
  priority: 3,
  topic: "replies",
  modes: ["passive", "active"],
  writes: (line) => [/^22[79]/.test(line) ? line : line.replace(/^(\d{3}) .*\r\n$/, "$1\r\n")],
  expect: {
    // It waits for `200 ` after PORT, blank included.
    classic: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
    none: fails(),
  },
});
