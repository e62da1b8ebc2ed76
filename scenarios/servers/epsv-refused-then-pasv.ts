import { quirkyServer, worksAfterDetour } from "anchorage";

export default quirkyServer({
  title: "EPSV refused, then PASV",
  who: "curl, lftp and FluentFTP try EPSV first and fall back to PASV when the server does not know it. Nothing of the refused command may stay with the proxy: no rules after the error, the two rules after the 227.",
  sources: ["RFC 2428 §3", "curl tests/data/test211", "captures/quirks/epsv-refused-then-pasv.txt"],
  priority: 1,
  families: ["inet"],
  negotiation: ["EPSV", "PASV"],
  commands: { EPSV: (session) => session.says("500 What?") },
  expect: { "ftp-proxy": worksAfterDetour(), conntrack: worksAfterDetour() },
});
