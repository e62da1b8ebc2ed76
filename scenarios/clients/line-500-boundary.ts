import { quirkyClient } from "anchorage";

/** ftp-proxy.c 1.41: MAX_LINE is 500 bytes, the line's end included. */
const LONGEST = 500 - "\r\n".length;

export default quirkyClient({
  title: "A path that makes a command of 500 bytes, the longest that passes",
  who: "RFC 959 knows no longest line; ftp-proxy(8) has room for 500 bytes, the line's end counted. A deep folder comes close to it.",
  sources: ["ftp-proxy.c 1.41: MAX_LINE", "captures/quirks/line-500-boundary.client_500_lf.txt"],
  priority: 1,
  topic: "framing",
  errands: ["fetch"],
  commands: { RETR: ({ argument }) => `RETR ${"a".repeat(LONGEST - `RETR /${argument}`.length)}/${argument}` },
});
