import { downloadsActively, fails, logsIn, quits, rewrittenPort, scenario } from "anchorage";

export default scenario({
  title: "PORT with a seventh number",
  quirk:
    "Something is smuggled in behind the sixth number. ftp-proxy(8) reads six and writes six: the server gets a clean PORT.",
  sources: [
    "RFC 959 §5.3.2",
    "Cisco ASA guide, ftp inspection",
    "captures/quirks/port-extra-fields.txt",
    "captures/openbsd-7.8/port_extra.txt",
  ],
  priority: 3,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sends(`PORT ${client.hostPort},7`);
    await server.gets(rewrittenPort(stage));
    await server.sends("200 PORT command successful");
    await client.gets(200);
    await anchor.holdsActive({ proxyPort: server.activePort, clientPort: client.dataPort });
    await downloadsActively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
  },
});
