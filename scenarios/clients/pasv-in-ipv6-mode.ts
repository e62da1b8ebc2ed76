import { fails, quirkyClient, worksAfterDetour } from "anchorage";

export default quirkyClient({
  title: "PASV over IPv6",
  who: "A client that thinks in IPv4 asks for an address that a 227 could not carry. ftp-proxy(8) with -6 ends the session, where 425 or 522 would have led the client to EPSV.",
  sources: ["RFC 2428 §1", "vsftpd Changelog", "captures/quirks/pasv-in-ipv6-mode.inet6.txt"],
  priority: 1,
  topic: "inet6",
  families: ["inet6"],
  negotiation: ["PASV", "EPSV"],
  expect: {
    conntrack: worksAfterDetour(),
    "ftp-proxy": fails({
      by: "proxy",
      at: "PASV",
      notice: "connection closed",
      log: "PASV and PORT not allowed with IPv6",
    }),
  },
});
