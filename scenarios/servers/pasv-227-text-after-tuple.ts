import { hangsUpAt, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 with words after the address",
  who: "A chatty server goes on after the parenthesis. ftp-proxy(8) starts to read at the last blank of the line, which is now among those words: it finds no port and ends the session.",
  sources: ["RFC 959 §4.2", "ftp-proxy.c 1.41 parse_port", "captures/quirks/pasv-227-text-after-tuple.txt"],
  families: ["inet"],
  replies: { PASV: ({ hostPort }) => `227 Entering Passive Mode (${hostPort}). Connect now` },
  expect: { "ftp-proxy": hangsUpAt("the 227") },
});
