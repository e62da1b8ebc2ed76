import { fails, scenario } from "anchorage";

export default scenario({
  title: "A greeting after 31 seconds",
  quirk:
    "The server has accepted, and its greeting is one second too late. ftp-proxy(8) ends the session after 30 s without a byte: no 421, the client sees the end alone.",
  sources: ["ftp-proxy.c 1.41: CONNECT_TIMEOUT", "quirks-seen: delayed-banner"],
  priority: 1,
  needs: ["long-waits"],
  async play({ client, server, anchor, log }) {
    await client.connects();
    await server.accepts();
    await client.hearsNothing(29_000);
    await client.seesClose(2_000);
    await server.seesClose();
    await log.says("server timeout");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "the greeting", notice: "hangs" }),
    none: fails({ by: "server", at: "the greeting", notice: "hangs" }),
  },
});
