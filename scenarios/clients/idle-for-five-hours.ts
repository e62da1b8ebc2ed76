import { fails, quirkyClient } from "anchorage";

const timedOut = fails({ by: "server", notice: "421" });

export default quirkyClient({
  title: "A client that is idle for five hours between two transfers",
  who: "Someone logs in, fetches a file and goes to lunch. ftp-proxy(8) waits 24 hours for a byte from the client, so the server's limit ends the session: its 421 and its end come through.",
  sources: ["ftp-proxy(8) -t", "ftpd(8) -t", "RFC 1123 §4.1.3.2"],
  priority: 3,
  topic: "timing",
  needs: ["virtual-time"],
  limitMs: 6 * 3_600_000,
  async does(client, errands) {
    await client.connects();
    await client.logsIn();
    for (const errand of errands) {
      await client.does(errand);
      await client.waits(5 * 3_600_000);
    }
  },
  expect: { "ftp-proxy": timedOut, conntrack: timedOut },
});
