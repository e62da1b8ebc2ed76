import { logsIn, scenario } from "anchorage";

export default scenario({
  title: "A last command without an end of line",
  quirk:
    "A client crashes, or is cut off, in the midst of a command. ftp-proxy(8) never sends the piece on; the server sees the end alone.",
  sources: ["ftp-proxy.c 1.41: end_session", "captures/quirks/partial-line-at-eof.client.txt"],
  priority: 2,
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.sendsSegments("QUI");
    await client.closes();
    await server.seesClose();
    await log.says("client close");
    await anchor.isEmpty();
  },
});
