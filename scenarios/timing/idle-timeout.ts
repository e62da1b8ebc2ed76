import { entersPassiveMode, fails, logsIn, scenario } from "anchorage";

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
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed" }),
    conntrack: ({ family }) =>
      family === "inet"
        ? fails({ by: "client", at: "the 227", notice: "hangs" })
        : fails({ by: "client", at: "the 229", notice: "hangs" }),
    none: ({ side, family }) =>
      family === "inet6"
        ? fails({ by: "client", at: "the 229", notice: "hangs" })
        : side === "forward"
          ? fails({ by: "client", at: "the 227", notice: "hangs" })
          : fails({ by: "translation", at: "the 227", notice: "hangs" }),
  },
});
