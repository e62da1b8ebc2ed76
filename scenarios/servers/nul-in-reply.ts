import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A NUL byte in a reply",
  who: "curl has a test server that puts a NUL into a reply to fool clients that read C strings. ftp-proxy(8) ends the session and sends on nothing of that line.",
  sources: ["curl test2108", "captures/quirks/nul-in-reply.txt"],
  priority: 1,
  topic: "framing",
  replies: { TYPE: "200 nothing\0 done" },
  expect: {
    "ftp-proxy": fails({
      by: "proxy",
      at: "the 200",
      notice: "connection closed",
      log: "server reply too long or not clean",
    }),
  },
});
