import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "REIN, and another user on the same connection",
  who: "The session begins again for the server, not for ftp-proxy(8): rules that the first user's transfer loaded stay until the second user's replace them.",
  sources: ["RFC 959 §4.1.1 REIN", "captures/quirks/rein.txt"],
  priority: 3,
  topic: "commands",
  modes: ["active"],
  async does(client, wishes) {
    await client.connects();
    await client.logsIn();
    for (const wish of wishes) {
      await client.does(wish);
      await client.asks("REIN");
      await client.asks("USER", "ftp");
      await client.asks("PASS", "other@example.org");
    }
    await client.quits();
  },
});
