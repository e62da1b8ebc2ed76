import {
  downloadsActively,
  fails,
  hostPort,
  logsIn,
  proxyRefusesCommand,
  quits,
  rewrittenPort,
  scenario,
} from "anchorage";

/** ssh, none at all, and the last of the privileged ports. */
const REFUSED = [22, 0, 1023];
const LOWEST_ACCEPTED = 1024;

export default scenario({
  title: "PORT with a privileged port",
  quirk:
    "An attacker, or a broken device, names a port below 1024 so that the server knocks at a service of the client's. ftp-proxy(8) ends the session, and the server never sees the command; 1024 is the first port that it opens.",
  sources: ["RFC 2577 §3", "ftp-proxy(8) CAVEATS", "ftp-proxy.c 1.41 MIN_PORT", "captures/openbsd-7.8/port_low.txt"],
  priority: 1,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    for (const port of REFUSED) {
      await logsIn(stage);
      const { address } = client;
      await proxyRefusesCommand(stage, `PORT ${hostPort({ address, port })}`);
    }
    await logsIn(stage);
    await client.listensForData(LOWEST_ACCEPTED);
    await client.sends(`PORT ${client.hostPort}`);
    await server.gets(rewrittenPort(stage));
    await server.sends("200 PORT command successful");
    await client.gets(200);
    await anchor.holdsActive({ proxyPort: server.activePort, clientPort: LOWEST_ACCEPTED });
    await downloadsActively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "connection closed" }),
    conntrack: fails({ by: "client", at: "data connection", notice: "hangs" }),
  },
});
