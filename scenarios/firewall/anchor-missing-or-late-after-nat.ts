import { entersPassiveMode, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "The anchor after the NAT rule",
  quirk:
    "`match out … nat-to` above the anchor changes the client's address before the proxy's second rule looks for it. The SYN gets in by the first rule and is blocked on its way out.",
  sources: ["ftp-proxy(8)", "ftp-proxy.md §13", "pf.conf(5) match"],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  sides: ["forward"],
  // In rdr-anchor filter rules come after all translation, and find the proxy's address either way.
  eras: ["divert-to", "rdr-to"],
  needs: ["own-pf-conf"],
  pfConf: (text) =>
    text.replace(/^anchor "ftp-proxy\/\*"\n/m, "").replace(/^match out .*$/m, '$&\nanchor "ftp-proxy/*"'),
  async play(stage) {
    await logsIn(stage);
    await entersPassiveMode(stage);
    await stage.client.opensData();
  },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
