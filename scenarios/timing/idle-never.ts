import { fails, logsIn, quits, says, scenario } from "anchorage";

const TWO_DAYS_MS = 2 * 86_400_000;

export default scenario({
  title: "A session that is idle for two days, with -t 0",
  quirk:
    "-t 0 means no idle limit. What keeps the session alive then is SO_KEEPALIVE, which ftp-proxy(8) sets on both connections: its probes refresh PF's states, which would have gone after 24 hours.",
  sources: ["ftp-proxy(8) -t", "ftp-proxy.c 1.41: SO_KEEPALIVE", "pf.conf(5) tcp.established"],
  priority: 3,
  needs: ["virtual-time"],
  proxyArgs: ["-t", "0"],
  limitMs: 3 * 86_400_000,
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await client.hearsNothing(TWO_DAYS_MS);
    await says(client, server, "NOOP", "200 Nothing done");
    await quits(stage);
  },
  expect: {
    none: fails({ by: "firewall", at: "NOOP", notice: "hangs" }),
  },
});
