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

const QUEUES = `
queue root on $ext_if bandwidth 1G
queue ftpq parent root bandwidth 500M
queue std parent root bandwidth 500M default
`;

export default scenario({
  title: "-q with a queue of pf.conf",
  quirk:
    "With -q, both rules of ftp-proxy(8) send data into a queue. The clause stands between flags and state, where pfctl(8) prints it.",
  sources: [
    "ftp-proxy(8) -q",
    "captures/openbsd-7.8/pasv4_q.txt",
    "captures/quirks/tag-queue-log-options.active_queue.txt",
  ],
  priority: 2,
  modes: ["active", "passive"],
  // pf.conf(5) of 5.5: before, queues were altq's, and their clause stood behind the state.
  eras: ["divert-to"],
  needs: ["own-pf-conf"],
  proxyArgs: ["-q", "ftpq"],
  pfConf: (text) => text.replace(/^set skip on lo$/m, `$&\n${QUEUES.replaceAll("$", "$$$$")}`),
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
