import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT over IPv6",
  who: "A PORT with an IPv4 address on an IPv6 connection. ftp-proxy(8) with -6 does not even look at it: the session ends.",
  sources: ["RFC 2428 §1", "captures/quirks/port-in-ipv6-mode.reverse6.txt"],
  priority: 1,
  topic: "inet6",
  families: ["inet6"],
  negotiation: ["PORT"],
  commands: { PORT: ({ port }) => `PORT 10,0,0,2,${port >> 8},${port & 255}` },
  expect: {
    "ftp-proxy": fails({
      by: "proxy",
      at: "PORT",
      notice: "connection closed",
      log: "PASV and PORT not allowed with IPv6",
    }),
    conntrack: fails({ by: "server", at: "PORT", notice: "522" }),
    none: fails({ by: "server", at: "PORT", notice: "522" }),
  },
});
