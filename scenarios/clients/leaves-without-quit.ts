import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "A client that leaves without QUIT",
  who: "Scripts and devices close their control connection when the last transfer is done. ftp-proxy(8) closes the server's and removes the rules.",
  sources: ["RFC 959 §5.1", "ftp-proxy.c 1.41 client_error"],
  topic: "commands",
  async does(client, wishes) {
    await client.connects();
    await client.logsIn();
    for (const wish of wishes) await client.does(wish);
    client.leaves();
  },
});
