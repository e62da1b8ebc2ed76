import { fails, scenario } from "anchorage";

export default scenario({
  title: "A client that dials the proxy's own port, before divert-to",
  quirk:
    "Until 4.9, and on FreeBSD still, ftp-proxy(8) asks PF which connection was redirected to it. Of one that came by itself PF knows nothing but the proxy's own address at best: the lookup fails, the log wonders about a missing rdr, and the client sees the end.",
  sources: ["FreeBSD contrib/pf/ftp-proxy: server_lookup", "ftp-proxy.md §17", "quirks: divert-vs-rdr-lookup"],
  priority: 2,
  families: ["inet"],
  sides: ["forward"],
  eras: ["rdr-to", "rdr-anchor"],
  needs: ["own-pf-conf"],
  proxyArgs: ["-b", "10.0.0.1"],
  pfConf: (text) =>
    text.replace(/^block log all$/m, "block log all\npass in on $int_if proto tcp to 10.0.0.1 port 8021"),
  async play({ client, anchor, log }) {
    await client.connects({ address: "10.0.0.1", port: 8_021 });
    await client.seesClose();
    await log.says("server lookup failed (no rdr?)");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed" }),
    none: fails({ by: "firewall", at: "control connection", notice: "connection refused" }),
  },
});
