import { fails, scenario } from "anchorage";

export default scenario({
  title: "--refuse-self: the old rdr-to rule, noticed",
  quirk:
    "The cure for firewall/divert-vs-rdr-lookup: where a firewall still has rdr-to, ftp-proxy(8) dials itself until no session is left. With --refuse-self the first one is refused, the log says why, and other sessions live.",
  sources: ["anchorage-ftp-proxy(8)", "captures/quirks/divert-vs-rdr-lookup.rdr.txt"],
  priority: 2,
  sides: ["forward"],
  eras: ["divert-to"],
  needs: ["own-pf-conf", "redirect-to-loopback"],
  proxyArgs: ["--refuse-self"],
  pfConf: (text) => text.replaceAll(" divert-to ", " rdr-to "),
  async play({ client, log, anchor }) {
    await client.connects();
    await client.seesClose();
    await log.says("refusing to connect to ourselves");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed" }),
    none: fails({ by: "server", at: "the greeting", notice: "hangs" }),
  },
});
