import { fails, hostPort, logsIn, scenario } from "anchorage";

/** A host that is neither the client nor the server. */
const VICTIM = { address: "203.0.113.9", port: 50_000 };

export default scenario({
  title: "--check-peer: a 227 that names another host",
  quirk:
    "ftp-proxy(8) ignores the address in a 227, so a server that names another host is served as if it had named itself, and nobody is told. With --check-peer such a reply ends the session, and the log says which address it named.",
  sources: ["anchorage-ftp-proxy(8)", "RFC 2577 §3", "captures/quirks/pasv-227-foreign-data-host.txt"],
  priority: 2,
  modes: ["passive"],
  families: ["inet"],
  proxyArgs: ["--check-peer"],
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.sends(`227 Entering Passive Mode (${hostPort(VICTIM)})`);
    await client.seesClose();
    await log.says(`address ${VICTIM.address} is not the peer's`);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection closed" }),
    conntrack: fails({ by: "client", at: "the 227", notice: "hangs" }),
    none: fails({ by: "client", at: "the 227", notice: "hangs" }),
  },
});
