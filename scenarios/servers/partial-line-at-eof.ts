import { quirkyServer, worksWith } from "anchorage";

export default quirkyServer({
  title: "A last reply without an end of line",
  who: "A server says goodbye, forgets the line's end and closes. ftp-proxy(8) only sends whole lines on: the client sees the end and no goodbye.",
  sources: ["ftp-proxy.c 1.41: end_session", "captures/quirks/partial-line-at-eof.server.txt"],
  topic: "framing",
  replies: { QUIT: { in: ["221 Goodbye"] } },
  expect: { "ftp-proxy": worksWith({ log: "server close" }) },
});
