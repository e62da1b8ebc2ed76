import { fails, logsIn, scenario } from "anchorage";

/** ftp-proxy.c 1.41: MAX_LINE is 500 bytes, the line's end included. */
const TOO_LONG = 501 - "\r\n".length;

export default scenario({
  title: "A command of 501 bytes, one too long",
  quirk:
    "A path that is one byte longer than the room of ftp-proxy(8). It ends the session without a word, where a server would have answered 500 at worst.",
  sources: ["ftp-proxy.c 1.41: MAX_LINE", "captures/quirks/line-500-boundary.client_501_lf.txt"],
  priority: 1,
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.sends("CWD ".padEnd(TOO_LONG, "a"));
    await client.seesClose();
    await server.seesClose();
    await log.says("client command too long or not clean");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "CWD", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "CWD", notice: "hangs" }),
    none: fails({ by: "server", at: "CWD", notice: "hangs" }),
  },
});
