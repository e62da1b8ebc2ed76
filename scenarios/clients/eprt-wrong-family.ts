import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "EPRT with an IPv6 address over IPv4",
  who: "A client with two families names the one on which its control connection does not run. ftp-proxy(8) reads only the port and writes the command in the family that it has: the server need not answer 522, and the data arrives.",
  sources: [
    "RFC 2428 §2",
    "Castaglia/proftpd-mod_proxy #113",
    "captures/quirks/eprt-wrong-family.txt",
    "captures/quirks/eprt-wrong-family.inet6.txt",
  ],
  priority: 1,
  families: ["inet"],
  negotiation: ["EPRT"],
  commands: { EPRT: ({ port }) => `EPRT |2|2001:db8:77::2|${port}|` },
  expect: {
    conntrack: fails({ by: "network", at: "EPRT", notice: "hangs" }),
    none: fails({ by: "server", at: "EPRT", notice: "522" }),
  },
});
