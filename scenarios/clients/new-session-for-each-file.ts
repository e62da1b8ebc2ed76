import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "A session for each file",
  who: "Backup scripts and wget without keep-alive log in again for every file. Each session of ftp-proxy(8) has an anchor of its own, and each is empty at the end.",
  sources: ["ftp-proxy.c 1.41 init_session", "wget src/ftp.c"],
  topic: "commands",
  async does(client, wishes) {
    for (const wish of wishes) {
      await client.connects();
      await client.logsIn();
      await client.does(wish);
      await client.quits();
      client.leaves();
    }
  },
});
