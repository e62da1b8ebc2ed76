import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "A client that takes data from port 20 only",
  who: "Ancient clients refuse data that does not come from port 20, and NAT gives it any other. With -r ftp-proxy(8) sends it from 20 again.",
  sources: ["RFC 959 §3.3", "ftp-proxy(8) -r", "captures/quirks/client-insists-port-20.rfc_r.txt"],
  families: ["inet"],
  negotiation: ["PORT"],
  proxyArgs: ["-r"],
  refusesData: ({ port }) => (port === 20 ? undefined : `data from port ${port}, not from port 20`),
});
