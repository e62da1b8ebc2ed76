import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A 227 that names a service port of a neighbour",
  who: "A hostile server sends its client to port 443 of a host on the client's network. A port below 1024 ends the session in ftp-proxy(8), and the client never sees the reply.",
  sources: ["CVE-2020-8284", "ftp-proxy(8)", "captures/quirks/malicious-pasv-ssrf.low.txt"],
  priority: 1,
  topic: "security",
  families: ["inet"],
  replies: { PASV: "227 Entering Passive Mode (10,0,0,1,1,187)" },
  expect: {
    "ftp-proxy": fails({
      by: "proxy",
      at: "the 227",
      notice: "connection closed",
      log: "bad port in",
      anchor: "empty",
    }),
    conntrack: fails({ by: "translation", at: "the 227" }),
    none: fails({ by: "translation", at: "the 227" }),
  },
});
