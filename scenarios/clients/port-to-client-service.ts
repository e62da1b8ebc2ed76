import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "A client that opens its own X11 port to the server",
  who: "Someone inside asks the firewall, by PORT or EPRT, to let an outside friend reach a service on his machine. ftp-proxy(8) allows any port from 1024 on, for that server alone.",
  sources: ["RFC 2577", "captures/quirks/port-to-client-service.txt"],
  topic: "security",
  modes: ["active"],
  errands: ["fetch"],
  dataPort: 6_000,
});
