import { fails, scenario } from "anchorage";

export default scenario({
  title: "A client that dials the proxy's own port, without -R",
  quirk:
    "Someone tests the proxy by connecting to it. What the client dialled is the proxy itself, so ftp-proxy(8) dials itself, and again, until -m is reached; then all of it collapses and the client sees the end.",
  sources: [
    "ftp-proxy.c 1.41: handle_connection",
    "quirks-seen: reverse-not-diverted",
    "captures/quirks/reverse-not-diverted.loopback.txt",
  ],
  priority: 2,
  families: ["inet"],
  sides: ["forward"],
  eras: ["divert-to"],
  needs: ["own-pf-conf"],
  proxyArgs: ["-b", "10.0.0.1", "-m", "5"],
  pfConf: (text) =>
    text.replace(/^block log all$/m, "block log all\npass in on $int_if proto tcp to 10.0.0.1 port 8021"),
  async play({ client, anchor, log }) {
    await client.connects({ address: "10.0.0.1", port: 8_021 });
    await client.seesClose();
    await log.says("client limit (5) reached, refusing connection from 10.0.0.1");
    await log.says("#5 server close");
    await log.says("#1 server close");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed" }),
    none: fails({ by: "firewall", at: "control connection", notice: "connection refused" }),
  },
});
