import { quirkyServer } from "anchorage";

const GREETING = ["220-Welcome", "220-", " 1234 users since Monday", "220-Be kind", "220 Ready"];

export default quirkyServer({
  title: "A greeting of several lines",
  who: "wu-ftpd, pure-ftpd and IIS greet with pages of text. ftp-proxy(8) sends lines on and knows nothing of replies.",
  sources: ["RFC 959 §4.2", "captures/quirks/banner-multiline.txt"],
  topic: "replies",
  replies: { greeting: { in: GREETING.map((line) => `${line}\r\n`) } },
});
