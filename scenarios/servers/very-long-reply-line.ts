import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A reply line of 17 000 bytes",
  who: "Long messages of the day, MLST facts, and curl's test server. It comes in many segments; ftp-proxy(8) has room for 500 bytes and ends the session in the midst of them.",
  sources: ["curl test1003", "captures/quirks/very-long-reply-line.txt"],
  priority: 1,
  topic: "framing",
  replies: { PASS: `230 ${"A".repeat(17_000)}` },
  expect: {
    "ftp-proxy": fails({
      by: "proxy",
      at: ["control connection", "the 230"],
      notice: "connection closed",
      log: "server reply too long or not clean",
      anchor: "empty",
    }),
  },
});
