import { fails, quirkyClient } from "anchorage";

export default quirkyClient({
  title: "EPRT from a client that takes data from port 20 only",
  who: "The -r of ftp-proxy(8) is for PORT, and not for EPRT, which no ancient client knows: the data comes from another port, and the client refuses it.",
  sources: ["ftp-proxy(8) -r", "captures/quirks/client-insists-port-20.rfc_r_eprt.txt"],
  errands: ["fetch"],
  negotiation: ["EPRT"],
  proxyArgs: ["-r"],
  refusesData: ({ port }) => (port === 20 ? undefined : `data from port ${port}, not from port 20`),
  expect: {
    "ftp-proxy": fails({ by: "client", notice: "data from port" }),
  },
});
