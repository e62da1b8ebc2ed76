import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A reply of 227 lines",
  who: "Big banners and directory messages. Each line is short, so the limit of 500 bytes does not touch them; a proxy that gathers whole replies needs much room, ftp-proxy(8) needs none.",
  sources: ["RFC 959 §4.2", "curl test1005", "quirks-seen: many-continuation-lines"],
  topic: "framing",
  replies: { PASS: { in: [`${`230-${"A".repeat(56)}\r\n`.repeat(226)}230 Logged in\r\n`] } },
});
