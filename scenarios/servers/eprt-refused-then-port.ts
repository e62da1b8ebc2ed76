import { quirkyServer, worksAfterDetour } from "anchorage";

export default quirkyServer({
  title: "EPRT refused by the server, PORT taken",
  who: "curl tries EPRT first and falls back to PORT when the server does not know it. The rules for EPRT are there already and outlive the refusal; those for PORT take their place: never four.",
  sources: ["RFC 2428 §2", "curl tests/data/test591", "captures/quirks/eprt-refused-then-port.txt"],
  families: ["inet"],
  negotiation: ["EPRT", "PORT"],
  commands: { EPRT: (session) => session.says("500 EPRT not understood") },
  expect: { "ftp-proxy": worksAfterDetour(), conntrack: worksAfterDetour() },
});
