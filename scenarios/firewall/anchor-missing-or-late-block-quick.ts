import { entersPassiveMode, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A quick block before the anchor",
  quirk:
    "A tidy administrator blocks high ports with `quick`, above the anchor. The rules of ftp-proxy(8) are there and are never reached.",
  sources: ["pf.conf(5) quick", "captures/quirks/anchor-missing-or-late.block_quick_before.txt"],
  priority: 1,
  modes: ["passive"],
  needs: ["own-pf-conf"],
  // Above the first filter rule. Before 4.7 it sees the server's own port, not the proxy's.
  pfConf: (text) =>
    text.replace(/^(anchor "ftp-proxy|match out|block log)/m, "block quick log proto tcp to port >= 1024\n$&"),
  async play(stage) {
    await logsIn(stage);
    await entersPassiveMode(stage);
    await stage.client.opensData();
  },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
