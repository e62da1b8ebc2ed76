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
  title: "Rules that log, with -v",
  quirk:
    "With -v, both rules of ftp-proxy(8) have PF log the first packet of every data connection. Nothing else differs.",
  sources: [
    "ftp-proxy(8) -v",
    "captures/openbsd-7.8/pasv4_v.txt",
    "captures/quirks/tag-queue-log-options.active_log.txt",
  ],
  priority: 2,
  modes: ["active", "passive"],
  proxyArgs: ["-v"],
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
