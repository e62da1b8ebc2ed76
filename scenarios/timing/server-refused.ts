import { fails, scenario } from "anchorage";

export default scenario({
  title: "A server that refuses connections",
  quirk:
    "Nothing listens on port 21. The client is accepted by the proxy before the proxy knows, so instead of a refusal it sees a connection that ends at once, without a reply.",
  sources: ["ftp-proxy.c 1.41: server_error", "captures/quirks/server-refused.txt"],
  priority: 2,
  async play({ client, server, anchor, log }) {
    await server.refusesConnections();
    await client.connects();
    await client.seesClose(1_000);
    await log.says("server refused connection");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "control connection", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "control connection", notice: "connection refused" }),
    none: fails({ by: "server", at: "control connection", notice: "connection refused" }),
  },
});
