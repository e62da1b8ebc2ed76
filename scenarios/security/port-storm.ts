import { activeCommand, downloadsActively, fails, logsIn, quits, scenario, works } from "anchorage";

/** The real program took ten thousand; each is a transaction with PF. */
const COMMANDS = 200;

export default scenario({
  title: "Two hundred PORT commands in one breath",
  quirk:
    "A client, broken or hostile, negotiates again and again without using it. Each command replaces the rules of the one before, so in the end the anchor holds those of the last, and they work.",
  sources: ["ftp-proxy.c 1.41: allow_data_connection", "quirks-seen: port-storm"],
  priority: 2,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sendsSegments(`${activeCommand(family, client)}\r\n`.repeat(COMMANDS));
    for (let count = 0; count < COMMANDS; count++) await server.gets(/^(PORT|EPRT) /);
    const replies = "200 Command successful\r\n".repeat(COMMANDS);
    await server.sendsSegments(replies);
    await client.getsBytes(replies);
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: client.dataPort,
      extended: family === "inet6",
    });
    await downloadsActively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    conntrack: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "network", at: "PORT", notice: "hangs" })
        : family === "inet6" && side === "reverse"
          ? fails({ by: "network", at: "EPRT", notice: "hangs" })
          : works,
  },
});
