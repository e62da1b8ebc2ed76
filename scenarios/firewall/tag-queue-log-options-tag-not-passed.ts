import { entersActiveMode, entersPassiveMode, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "-T without a rule that passes the tag",
  quirk:
    "The tag is set and nobody asks for it: the match rules translate, and the default-deny rule drops the data connection, both ways.",
  sources: [
    "ftp-proxy(8) -T",
    "quirks-seen: tag-queue-log-options, active_tag_not_passed",
    "captures/quirks/tag-queue-log-options.passive_tag_not_passed.txt",
  ],
  priority: 2,
  modes: ["active", "passive"],
  proxyArgs: ["-T", "ftptag"],
  async play(stage) {
    await logsIn(stage);
    await entersActiveMode(stage);
    await stage.server.cannotDialData("no-answer");
    await entersPassiveMode(stage);
    await stage.client.opensData();
  },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "data connection", notice: "hangs" }),
    none: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
