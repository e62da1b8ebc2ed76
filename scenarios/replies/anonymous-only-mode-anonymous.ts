import { downloadsPassively, entersPassiveMode, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "An anonymous user, with -A",
  quirk: "The login for which -A is made: it passes unchanged, and transfers work as without the option.",
  sources: ["ftp-proxy(8) -A", "captures/openbsd-7.8/anon_ok.txt"],
  priority: 2,
  modes: ["passive"],
  proxyArgs: ["-A"],
  async play(stage) {
    await logsIn(stage);
    await entersPassiveMode(stage);
    await downloadsPassively(stage);
    await quits(stage);
    await stage.anchor.isEmpty();
  },
});
