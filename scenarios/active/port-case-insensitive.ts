import { downloadsActively, logsIn, quits, rewrittenPort, scenario } from "anchorage";

export default scenario({
  title: "PORT in small letters",
  quirk:
    "Commands may be written in any case, and scripts do. ftp-proxy(8) reads them all; the server always gets PORT in capitals.",
  sources: [
    "RFC 959 §5.3",
    "captures/quirks/port-case-insensitive.txt",
    "captures/quirks/port-case-insensitive.mixed.txt",
  ],
  priority: 2,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    for (const command of ["port", "PoRt"]) {
      await client.listensForData();
      await client.sends(`${command} ${client.hostPort}`);
      await server.gets(rewrittenPort(stage));
      await server.sends("200 PORT command successful");
      await client.gets(200);
      await anchor.holdsActive({ proxyPort: server.activePort, clientPort: client.dataPort });
      await downloadsActively(stage);
    }
    await quits(stage);
    await anchor.isEmpty();
  },
});
