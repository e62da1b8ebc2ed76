import { entersActiveMode, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A pf.conf without the anchor, active mode",
  quirk:
    "The same with PORT or EPRT: the rules stand in an anchor that nobody evaluates, and the server dials in vain.",
  sources: ["opnsense/plugins #36", "captures/openbsd-7.8/no_anchor_in_pf_conf.txt"],
  priority: 2,
  modes: ["active"],
  needs: ["own-pf-conf"],
  pfConf: (text) => text.replace(/^anchor "ftp-proxy\/\*"$/m, ""),
  async play(stage) {
    await logsIn(stage);
    await entersActiveMode(stage);
    await stage.server.dialsData();
  },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
