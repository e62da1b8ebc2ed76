import { quirkyServer, worksAfterDetour } from "anchorage";

export default quirkyServer({
  title: "PASV refused, EPSV taken",
  who: "A server for IPv6 first, or behind a translator, has EPSV only; clients that know PASV alone, or never try the other, get nothing. ftp-proxy(8) forgets the refused command, and the EPSV gets its rules.",
  sources: ["RFC 2428 §3", "ftp-proxy.c 1.41 server_parse", "docs/reference/clients.jsonl"],
  families: ["inet"],
  negotiation: ["PASV", "EPSV"],
  replies: { PASV: "502 PASV not implemented" },
  expect: { "ftp-proxy": worksAfterDetour(), conntrack: worksAfterDetour() },
});
