import { downloadsActively, logsIn, quits, rewrittenPort, scenario } from "anchorage";

/** 2^32 + 4: sscanf's %u makes 4 of it, on OpenBSD as with glibc. */
const FOUR = "4294967300";
const CLIENT_PORT = 4 * 256 + 1;

export default scenario({
  title: "PORT with a number that wraps at 32 bits",
  quirk:
    "4294967300 is 4 to a reader of 32 bits, and ftp-proxy(8) is one: it makes port 1025 of it and opens the way there. The server gets the wrapped number never, only the proxy's own port.",
  sources: ["RFC 959 §5.3.2", "ftp-proxy.c 1.41 parse_port", "quirks-seen: port-number-overflow, wrap32"],
  priority: 3,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.listensForData(CLIENT_PORT);
    await client.sends(`PORT ${client.address.replaceAll(".", ",")},${FOUR},1`);
    await server.gets(rewrittenPort(stage));
    await server.sends("200 PORT command successful");
    await client.gets(200);
    await anchor.holdsActive({ proxyPort: server.activePort, clientPort: CLIENT_PORT });
    await downloadsActively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
});
