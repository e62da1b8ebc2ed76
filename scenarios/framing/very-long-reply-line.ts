import { fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A reply line of 17 000 bytes",
  quirk:
    "Long MLST facts, messages of the day, and curl's test server. It comes in many segments; ftp-proxy(8) has room for 500 bytes and ends the session in the midst of them.",
  sources: ["curl test1003", "captures/quirks/very-long-reply-line.txt"],
  priority: 1,
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.sends("CWD path");
    await server.gets("CWD path");
    await server.sends(`250 ${"A".repeat(17_000)}`);
    await client.seesClose();
    await server.seesClose();
    await log.says("server reply too long or not clean");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed" }),
  },
});
