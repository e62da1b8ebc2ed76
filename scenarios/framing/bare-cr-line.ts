import { fails, logsIn, scenario, works } from "anchorage";

export default scenario({
  title: "A command that ends in a bare CR",
  quirk:
    "A line in old Macintosh style never ends for a reader of LF. ftp-proxy(8) keeps what has come and sends nothing on; when more than its 500 bytes gather, it ends the session.",
  sources: ["RFC 1123 §4.1.2.10", "ftp-proxy.c 1.41: MAX_LINE", "captures/quirks/bare-cr-line.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, log, family } = stage;
    await logsIn(stage);
    await client.sendsSegments(family === "inet" ? "PASV\r" : "EPSV\r");
    await server.hearsNothing(500);
    await client.sendsSegments("x".repeat(480));
    await server.hearsNothing(500);
    await client.sendsSegments("x".repeat(20));
    await client.seesClose();
    await server.seesClose();
    await log.says("client command too long or not clean");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: ["PASV", "EPSV"], notice: "connection closed" }),
    none: works,
  },
});
