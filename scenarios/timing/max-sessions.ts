import { fails, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "One session more than -m",
  quirk:
    "With -m 1, ftp-proxy(8) accepts the second client and closes its connection at once, without a 421. The first session does not notice, and when it has ended there is room again.",
  sources: ["ftp-proxy(8) -m", "captures/openbsd-7.8/max_sessions.txt"],
  priority: 2,
  proxyArgs: ["-m", "1"],
  async play(stage) {
    const { client, server, anchor, log } = stage;
    const second = client.another();
    await logsIn(stage);
    await second.connects();
    await second.seesClose(1_000);
    await log.says("client limit (1) reached, refusing connection from");
    await anchor.isEmpty();
    await quits(stage);
    const third = { ...stage, client: client.another(), server: server.another() };
    await logsIn(third);
    await quits(third);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "the greeting", notice: "hangs" }),
    none: fails({ by: "server", at: "the greeting", notice: "hangs" }),
  },
});
