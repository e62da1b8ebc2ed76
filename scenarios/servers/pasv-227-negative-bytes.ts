import { dropsReply, fails, hangsUpAt, quirkyServer } from "anchorage";

const signed = (numbers: string): string => numbers.replace(/\d+/g, (byte) => `${(Number(byte) << 24) >> 24}`);

export default quirkyServer({
  title: "A 227 with negative numbers",
  who: "A server that keeps its address and port in signed bytes prints 195 as -61, and some clients (basic-ftp, node-ftp) read even that. ftp-proxy(8) reads an unsigned number far above 255 and ends the session.",
  sources: [
    "RFC 959 §5.3.2",
    "basic-ftp src/transfer.ts parsePasvResponse",
    "node-ftp lib/connection.js",
    "captures/quirks/pasv-227-negative-bytes.txt",
  ],
  priority: 3,
  families: ["inet"],
  replies: { PASV: ({ hostPort }) => `227 Entering Passive Mode (${signed(hostPort)})` },
  expect: {
    "ftp-proxy": hangsUpAt("the 227"),
    conntrack: dropsReply,
    none: fails({ by: "client", at: "the 227" }),
  },
});
