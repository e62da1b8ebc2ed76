import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "UTF-8 replies cut in the midst of a character",
  who: "The three bytes of a euro sign come in three segments. A proxy or library that decodes segment by segment turns them into replacement characters.",
  sources: ["RFC 2640", "basic-ftp CHANGELOG 2.17.1", "quirks-seen: utf8-multibyte-split"],
  priority: 3,
  topic: "framing",
  replies: { PASS: { in: ["230 You owe us 5 \xe2", "\x82", "\xac\r\n"] } },
});
