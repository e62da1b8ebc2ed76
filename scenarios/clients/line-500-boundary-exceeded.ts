import { fails, quirkyClient } from "anchorage";

/** ftp-proxy.c 1.41: MAX_LINE is 500 bytes, the line's end included. */
const TOO_LONG = 501 - "\r\n".length;

export default quirkyClient({
  title: "A path that makes a command of 501 bytes, one too long",
  who: "A path that is one byte longer than the room of ftp-proxy(8). It ends the session without a word, where a server would have answered 500 at worst.",
  sources: ["ftp-proxy.c 1.41: MAX_LINE", "captures/quirks/line-500-boundary.client_501_lf.txt"],
  priority: 1,
  topic: "framing",
  errands: ["fetch"],
  commands: { RETR: ({ argument }) => `RETR ${"a".repeat(TOO_LONG - `RETR /${argument}`.length)}/${argument}` },
  expect: {
    "ftp-proxy": fails({
      by: "proxy",
      at: "RETR",
      notice: "connection closed",
      log: "client command too long or not clean",
    }),
  },
});
