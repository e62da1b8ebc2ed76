import { activeCommand, downloadsActively, fails, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "A PORT in two segments",
  quirk:
    "The address comes in two pieces, as a slow client or a full segment before it would have it. A proxy on the stream waits for the line's end. nf_conntrack_ftp drops the first piece and hopes for a repetition of both as one; but the second has been acknowledged selectively, the first is repeated alone and dropped again, and the session hangs.",
  sources: ["RFC 1123 §4.1.2.10", "nf_conntrack_ftp.c: partial match", "Linux 6.18, played"],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    const command = activeCommand(family, client);
    const middle = command.length - 4;
    await client.sendsSegments(command.slice(0, middle), `${command.slice(middle)}\r\n`);
    await server.gets(/^(PORT|EPRT) /);
    await server.sends("200 Command successful");
    await client.gets("200 Command successful");
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
    conntrack: ({ family }) =>
      family === "inet"
        ? fails({ by: "network", at: "PORT", notice: "hangs" })
        : fails({ by: "network", at: "EPRT", notice: "hangs" }),
  },
});
