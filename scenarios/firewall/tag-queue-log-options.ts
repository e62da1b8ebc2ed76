import {
  downloadsActively,
  downloadsPassively,
  entersActiveMode,
  entersPassiveMode,
  fails,
  logsIn,
  quits,
  scenario,
} from "anchorage";

export default scenario({
  title: "-T with a rule that passes the tag",
  quirk:
    "With -T, ftp-proxy(8) loads match rules that translate and tag, and leaves the decision to pf.conf: `pass tagged` lets data connections through, both ways.",
  sources: [
    "ftp-proxy(8) -T",
    "captures/openbsd-7.8/tag_with_pass_rule.txt",
    "captures/quirks/tag-queue-log-options.active_tag.txt",
  ],
  priority: 2,
  modes: ["active", "passive"],
  needs: ["own-pf-conf"],
  proxyArgs: ["-T", "ftptag"],
  pfConf: (text) => `${text}\npass tagged ftptag\n`,
  async play(stage) {
    await logsIn(stage);
    await entersPassiveMode(stage);
    await downloadsPassively(stage);
    await entersActiveMode(stage);
    await downloadsActively(stage);
    await quits(stage);
    await stage.anchor.isEmpty();
  },
  expect: {
    none: ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 227", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
