import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "EPRT with a zone in its address",
  who: "A client on a link-local address prints it with its interface, `fe80::1%em0`. That is no address to ftp-proxy(8), which takes hexadecimal digits and colons only: it finds no port and ends the session.",
  sources: ["RFC 2428 §2", "RFC 4007 §11", "curl KNOWN_BUGS", "captures/quirks/eprt-zone-id.inet6.txt"],
  families: ["inet6"],
  commands: { EPRT: ({ port }) => `EPRT |2|fe80::1%em0|${port}|` },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "EPRT", notice: "connection closed", log: "bad port in", anchor: "empty" }),
    conntrack: fails({ by: "network", at: "EPRT", notice: "hangs" }),
    none: fails({ at: "EPRT", notice: "501" }),
  },
});
