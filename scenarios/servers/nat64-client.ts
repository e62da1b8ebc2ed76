import { quirkyServer, worksAfterDetour } from "anchorage";

export default quirkyServer({
  title: "EPSV and LPSV refused over IPv6, EPRT taken",
  who: "A client behind NAT64 is told 522 to EPSV and 500 to LPSV, then sends EPRT. Refusals pass and open nothing; the EPRT works, since both connections of ftp-proxy(8) have the same family. It translates none to the other.",
  sources: ["RFC 6384", "NICMx/Jool #114", "captures/quirks/nat64-client.inet6.txt"],
  topic: "inet6",
  families: ["inet6"],
  modes: ["active"],
  negotiation: ["EPSV", "LPSV", "EPRT"],
  commands: { EPSV: (session) => session.says("522 Protocol not supported") },
  expect: {
    "ftp-proxy": worksAfterDetour(),
    conntrack: worksAfterDetour(),
  },
});
