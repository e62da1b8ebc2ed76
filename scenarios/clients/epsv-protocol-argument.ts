import { fails, quirkyClient, works, worksAfterDetour } from "anchorage";

export default quirkyClient({
  title: "EPSV with a protocol",
  who: "wget and tnftp name the family after EPSV, and across translators it is the wrong one: the server answers 522 and tells which to use. Command and refusal pass as they are; the second try gets its rules like any EPSV.",
  sources: [
    "RFC 2428 §3",
    "NICMx/Jool #114",
    "captures/quirks/epsv-protocol-argument.txt",
    "captures/quirks/epsv-protocol-argument.inet6.txt",
  ],
  // 2 is IPv6.
  negotiation: ["EPSV 2", "EPSV 1"],
  expect: {
    "ftp-proxy": ({ family }) => (family === "inet" ? worksAfterDetour() : works),
    none: fails({ by: "firewall", at: "data connection" }),
    conntrack: ({ family }) => (family === "inet" ? worksAfterDetour() : works),
  },
});
