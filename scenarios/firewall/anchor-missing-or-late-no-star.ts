import { entersPassiveMode, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: 'An anchor "ftp-proxy" without /*',
  quirk:
    "ftp-proxy(8) loads its rules into anchors below ftp-proxy, one a session. Without the star PF evaluates the parent alone, which has none: the rules are there and nobody looks at them.",
  sources: ["pf.conf(5) anchors", "captures/openbsd-7.8/anchor_no_star.txt"],
  priority: 1,
  modes: ["passive"],
  needs: ["own-pf-conf"],
  pfConf: (text) => text.replaceAll('anchor "ftp-proxy/*"', 'anchor "ftp-proxy"'),
  async play(stage) {
    await logsIn(stage);
    await entersPassiveMode(stage);
    await stage.client.opensData();
  },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
