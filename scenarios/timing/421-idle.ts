import { entersPassiveMode, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A server that gives up with 421",
  quirk:
    "Every server has an idle limit; it says 421 and closes in one breath. The line must reach the client before the end does, and the rules go with the session.",
  sources: ["RFC 959 §5.4", "RFC 1123 §4.1.3.2", "curl test1120", "captures/quirks/421-idle.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await entersPassiveMode(stage);
    await stage.wait(stage.abridged(30_000));
    await server.sends("421 Timeout");
    await server.closes();
    await client.gets("421 Timeout");
    await client.seesClose();
    await log.says("server close");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: ["the 227", "the 229"], notice: "connection closed" }),
    conntrack: fails({ by: "server", at: ["the 227", "the 229"], notice: "connection closed" }),
    none: fails({ by: "server", at: ["the 227", "the 229"], notice: "connection closed" }),
  },
});
