import { entersPassiveMode, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A pf.conf without the anchor",
  quirk:
    'Someone forgot `anchor "ftp-proxy/*"`. ftp-proxy(8) notices nothing: it loads its rules, the reply is rewritten, and the client\'s SYN meets the rules of the main ruleset alone.',
  sources: [
    "opnsense/plugins #52",
    "captures/quirks/anchor-missing-or-late.missing.txt",
    "captures/openbsd-7.8/no_anchor_in_pf_conf.txt",
  ],
  priority: 1,
  modes: ["passive"],
  needs: ["own-pf-conf"],
  pfConf: (text) => text.replace(/^anchor "ftp-proxy\/\*"$/m, ""),
  async play(stage) {
    await logsIn(stage);
    await entersPassiveMode(stage);
    await stage.client.opensData();
  },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
