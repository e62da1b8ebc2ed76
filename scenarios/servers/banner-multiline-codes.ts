import { quirkyServer } from "anchorage";

const GREETING = ["220-Welcome", " 1234 users since Monday", "220-", "331 is not our reply", "220 Ready"];

export default quirkyServer({
  title: "A greeting with a line like another reply",
  who: "What comes between the first and the last line of a greeting may look like anything, even like a reply with another code, which curl and wget take for the greeting's end. ftp-proxy(8) sends lines on and knows nothing of replies.",
  sources: ["RFC 959 §4.2", "curl #3884", "captures/quirks/banner-multiline.txt"],
  topic: "replies",
  replies: { greeting: { in: GREETING.map((line) => `${line}\r\n`) } },
});
