import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT with the first unprivileged port",
  who: "A client counts its ports from 1024 on. It is the first port that ftp-proxy(8) opens.",
  sources: ["RFC 2577 §3", "ftp-proxy.c 1.41 MIN_PORT"],
  families: ["inet"],
  dataPort: 1_024,
  negotiation: ["PORT"],
});
