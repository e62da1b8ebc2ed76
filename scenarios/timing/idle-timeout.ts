import { entersPassiveMode, logsIn, scenario, stopsAt } from "anchorage";

export default scenario({
  title: "A session that is idle for longer than -t",
  quirk:
    "With -t 5 and rules in its anchor the session falls silent. ftp-proxy(8) closes both sides without a 421 and takes its rules away.",
  sources: ["ftp-proxy(8) -t", "captures/openbsd-7.8/timeout_t2.txt"],
  priority: 1,
  modes: ["passive"],
  proxyArgs: ["-t", "5"],
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await stage.wait(3_500);
    await entersPassiveMode(stage);
    await client.hearsNothing(2_000);
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await client.seesClose(4_000);
    await server.seesClose();
    await log.says("client timeout");
    await anchor.isEmpty();
  },
  withoutProxy: stopsAt("client sees its control connection closed", "silence"),
  withConntrack: stopsAt("client sees its control connection closed", "silence"),
});
