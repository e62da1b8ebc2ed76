import { fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A NUL byte in a reply",
  quirk:
    "curl has a test server that puts a NUL into a reply to fool clients that read C strings. ftp-proxy(8) ends the session and sends on nothing of that line.",
  sources: ["curl test2108", "captures/quirks/nul-in-reply.txt"],
  priority: 1,
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.sends("NOOP");
    await server.gets("NOOP");
    await server.sends("200 nothing\0 done");
    await client.seesClose();
    await server.seesClose();
    await log.says("server reply too long or not clean");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 200", notice: "connection closed" }),
  },
});
