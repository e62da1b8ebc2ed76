import { fails, quirkyServer } from "anchorage";

/** ftp-proxy.c 1.41: MAX_LINE is 500 bytes, the line's end included. */
const TOO_LONG = 501 - "\r\n".length;

export default quirkyServer({
  title: "A reply of 501 bytes, one too long",
  who: "A reply is one byte longer than the room of ftp-proxy(8). The client sees its connection end and nothing of the reply.",
  sources: ["ftp-proxy.c 1.41: MAX_LINE", "quirks-seen: line-500-boundary, server_501_lf"],
  priority: 1,
  topic: "framing",
  replies: { PASS: "230 ".padEnd(TOO_LONG, "a") },
  expect: {
    "ftp-proxy": fails({
      by: "proxy",
      at: "the 230",
      notice: "connection closed",
      log: "server reply too long or not clean",
    }),
  },
});
