import { logsIn, quits, scenario } from "anchorage";

const REPLY = `${"250-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n".repeat(226)}250 Done\r\n`;

export default scenario({
  title: "A reply of 227 lines",
  quirk:
    "Big banners and directory messages. Each line is short, so the limit of 500 bytes does not touch them; a proxy that gathers whole replies needs much room, ftp-proxy(8) needs none.",
  sources: ["RFC 959 §4.2", "curl test1005", "quirks-seen: many-continuation-lines"],
  priority: 2,
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("CWD big");
    await server.gets("CWD big");
    await server.sendsSegments(REPLY);
    await client.getsBytes(REPLY);
    await anchor.isEmpty();
    await quits(stage);
  },
});
