import { hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 with numbers after the address",
  who: "A server adds its limits after the parenthesis, and a client that looks for numbers from the end finds those. ftp-proxy(8) starts to read at the last blank of the line, behind the address: it finds no port and ends the session.",
  sources: ["RFC 959 §4.2", "ftp-proxy.c 1.41 parse_port", "docs/reference/clients.jsonl"],
  priority: 3,
  families: ["inet"],
  replies: { PASV: ({ hostPort }) => `227 Entering Passive Mode (${hostPort}) 5 of 10 users` },
  expect: { "ftp-proxy": hangsUpAt("the 227") },
});
