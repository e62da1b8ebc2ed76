import { downloadsPassively, fails, hostPort, logsIn, proxyRefusesReply, quits, scenario } from "anchorage";

/** ssh, none at all, and the last of the privileged ports. */
const REFUSED = [22, 0, 1023];
const LOWEST_ACCEPTED = 1024;

export default scenario({
  title: "A 227 with a privileged port",
  quirk:
    "A hostile or misconfigured server names a port below 1024, and a firewall that obeys opens the way to ssh or worse. ftp-proxy(8) ends the session over each of them; 1024 is the first port that it opens.",
  sources: [
    "RFC 2577 §3",
    "ftp-proxy(8) CAVEATS",
    "captures/quirks/pasv-227-low-port.txt",
    "captures/quirks/pasv-227-low-port.zero.txt",
    "captures/openbsd-7.8/pasv_227_port1024.txt",
  ],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    for (const port of REFUSED) {
      await logsIn(stage);
      await client.sends("PASV");
      await server.gets("PASV");
      const { address } = server;
      await proxyRefusesReply(stage, `227 Entering Passive Mode (${hostPort({ address, port })})`);
    }
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.listensForData(LOWEST_ACCEPTED);
    await server.sends(`227 Entering Passive Mode (${server.hostPort})`);
    await client.gets(227);
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: LOWEST_ACCEPTED });
    await downloadsPassively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "data connection", notice: "connection refused" }),
  },
});
