import { quirkyServer } from "anchorage";

/** ftp-proxy.c 1.41: MAX_LINE is 500 bytes, the line's end included. */
const LONGEST = 500 - "\r\n".length;

export default quirkyServer({
  title: "A reply of 500 bytes, the longest that passes",
  who: "RFC 959 knows no longest line; ftp-proxy(8) has room for 500 bytes, the line's end counted, and a talkative 230 comes close to it.",
  sources: ["ftp-proxy.c 1.41: MAX_LINE", "captures/quirks/line-500-boundary.server_499_lf.txt"],
  priority: 1,
  topic: "framing",
  replies: { PASS: "230 ".padEnd(LONGEST, "a") },
});
