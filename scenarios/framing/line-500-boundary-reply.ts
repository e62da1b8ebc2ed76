import { fails, logsIn, scenario } from "anchorage";

/** ftp-proxy.c 1.41: MAX_LINE is 500 bytes, the line's end included. */
const TOO_LONG = 501 - "\r\n".length;

export default scenario({
  title: "A reply of 501 bytes, one too long",
  quirk:
    "A server that answers PWD with a path one byte longer than the room of ftp-proxy(8). The client sees its connection end and nothing of the reply.",
  sources: ["ftp-proxy.c 1.41: MAX_LINE", "quirks-seen: line-500-boundary, server_501_lf"],
  priority: 1,
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.sends("PWD");
    await server.gets("PWD");
    await server.sends("257 ".padEnd(TOO_LONG, "a"));
    await client.seesClose();
    await server.seesClose();
    await log.says("server reply too long or not clean");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 257", notice: "connection closed" }),
  },
});
