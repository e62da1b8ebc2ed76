import { activeCommand, downloadsActively, fails, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "TYPE and an active command in one segment",
  quirk:
    "The PORT or EPRT does not stand at the start of its segment. A proxy on the stream does not care; helpers that look at the start of packets let the private address out.",
  sources: ["nf_conntrack_ftp.c: find_pattern"],
  priority: 2,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sendsSegments(`TYPE I\r\n${activeCommand(family, client)}\r\n`);
    await server.gets("TYPE I");
    await server.gets(/^(PORT|EPRT) /);
    await server.sends("200 Type set");
    await server.sends("200 Command successful");
    await client.gets("200 Type set");
    await client.gets("200 Command successful");
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: client.dataPort,
      extended: family === "inet6",
    });
    await downloadsActively(stage);
    await quits(stage);
  },
  expect: {
    conntrack: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "translation", at: "PORT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
