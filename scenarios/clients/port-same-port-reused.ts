import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with the same port for each transfer",
  who: "A client with one fixed active port names it for every transfer, while PF still holds the states of the last one. Each PORT gets another port of the proxy's and rules of its own, so all transfers work.",
  sources: [
    "RFC 1123 §4.1.2.5",
    "FluentFTP #954",
    "secsy/goftp #66",
    "ftp-proxy.c 1.41 pick_proxy_port",
    "quirks-seen: port-same-port-reused",
  ],
  priority: 1,
  modes: ["active"],
  errands: ["fetch", "store", "fetch"],
  dataPort: 8_082,
});
