import { fails, scenario } from "anchorage";

/** RFC 1413. */
const IDENT_PORT = 113;

export default scenario({
  title: "A server that asks ident first, and a firewall that drops it",
  quirk:
    "The server's SYN to port 113 gets no answer, so it greets when it has given up: too late for the 30 s of ftp-proxy(8). Users see a server that hangs and then hangs up.",
  sources: ["RFC 1413", "ftp-proxy.c 1.41: CONNECT_TIMEOUT", "captures/quirks/ident-lookup-back.drop_32s.txt"],
  priority: 2,
  modes: ["active"],
  needs: ["long-waits"],
  async play({ client, server, anchor, log }) {
    await client.connects();
    await server.accepts();
    await server.cannotDialData("no-answer", { to: { address: server.peerAddress, port: IDENT_PORT }, from: 0 });
    await client.seesClose(30_000);
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
