import { fails, logsIn, scenario } from "anchorage";

const DAY_MS = 86_400_000;

export default scenario({
  title: "A session that is idle for a day",
  quirk:
    "Someone logs in and goes home. Without -t, ftp-proxy(8) waits 24 hours for a byte from the client, then closes both sides; the client's timer is the first to fire.",
  sources: ["ftp-proxy(8) -t", "ftp-proxy.md §4.3", "quirks-seen: one-sided-idle"],
  priority: 1,
  needs: ["virtual-time"],
  limitMs: 2 * DAY_MS,
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.hearsNothing(DAY_MS - 1_000);
    await client.seesClose(2_000);
    await server.seesClose();
    await log.says("client timeout");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed" }),
  },
});
