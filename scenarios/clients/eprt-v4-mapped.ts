import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "EPRT with an IPv4 address in IPv6 form",
  who: "A socket for both families calls its IPv4 address `::ffff:10.0.0.5`, and a client prints that. The dots are no part of an IPv6 address to ftp-proxy(8): it finds no port and ends the session.",
  sources: [
    "RFC 2428 §2",
    "Castaglia/proftpd-mod_proxy #128",
    "captures/quirks/eprt-v4-mapped.txt",
    "captures/quirks/eprt-v4-mapped.inet6.txt",
  ],
  negotiation: ["EPRT"],
  commands: { EPRT: ({ port }) => `EPRT |2|::ffff:10.0.0.5|${port}|` },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "EPRT", notice: "connection closed", log: "bad port in", anchor: "empty" }),
    conntrack: ({ family }) => (family === "inet" ? fails({ by: "network", at: "EPRT", notice: "hangs" }) : fails()),
    none: ({ family }) => (family === "inet" ? fails({ by: "server", at: "EPRT", notice: "522" }) : fails()),
  },
});
