import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A v4-mapped IPv6 address in a 227",
  who: "A server on a dual-stack socket prints the address as its socket has it, `::ffff:` and all, before the commas. ftp-proxy(8) wants a number right behind the parenthesis, reads port 0 and ends the session.",
  sources: ["RFC 4291 §2.5.5.2", "RFC 1123 §4.1.2.6", "ftp-proxy.c 1.41: parse_port"],
  topic: "passive",
  families: ["inet"],
  replies: { PASV: ({ hostPort }) => `227 Entering Passive Mode (::ffff:${hostPort})` },
  expect: {
    "ftp-proxy": fails({
      by: "proxy",
      at: "the 227",
      notice: "connection closed",
      log: "bad port in",
      anchor: "empty",
    }),
  },
});
