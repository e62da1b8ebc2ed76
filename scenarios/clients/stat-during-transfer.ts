import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "STAT in the midst of a transfer",
  who: "lftp asks how far a transfer has come. The command passes at once, and its reply when the server gets to it; neither rules nor data notice.",
  sources: ["RFC 1123 §4.1.3.3", "lftp(1) ftp:use-stat", "quirks-seen: stat-during-transfer"],
  priority: 3,
  topic: "commands",
  modes: ["passive"],
  errands: ["fetch", "fetch"],
  commands: { RETR: ({ argument }) => ({ in: [`RETR ${argument}\r\n`, "STAT\r\n"] }) },
  async transfers(client, wish) {
    const bytes = await client.transfers(wish);
    await client.answer();
    return bytes;
  },
});
