import { fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A last reply without an end of line",
  quirk:
    "A server says goodbye, forgets the line's end and closes. ftp-proxy(8) only sends whole lines on: the client sees the end and no goodbye.",
  sources: ["ftp-proxy.c 1.41: end_session", "captures/quirks/partial-line-at-eof.server.txt"],
  priority: 2,
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.sends("QUIT");
    await server.gets("QUIT");
    await server.sendsSegments("221 Goodbye");
    await server.closes();
    await client.seesClose();
    await log.says("server close");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "QUIT", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "QUIT", notice: "connection closed" }),
    none: fails({ by: "server", at: "QUIT", notice: "connection closed" }),
  },
});
