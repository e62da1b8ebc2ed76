import { dropsReply, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 in three segments",
  who: "A slow server, a tiny MSS or curl's SLOWDOWN cut the reply anywhere, even inside a number. A packet filter that rewrites packets must give up; ftp-proxy(8) waits for the end of the line and rewrites it whole.",
  sources: ["RFC 1123 §4.1.2.10", "curl tests/ftpserver.pl SLOWDOWN", "captures/quirks/pasv-227-split-segments.txt"],
  priority: 1,
  families: ["inet"],
  replies: {
    PASV: ({ hostPort }) => ({
      in: ["227 Enter", `ing Passive Mode (${hostPort.slice(0, -1)}`, `${hostPort.slice(-1)})\r\n`],
    }),
  },
  expect: { conntrack: dropsReply },
});
