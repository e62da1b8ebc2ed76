import { downloadsPassively, logsIn, quits, scenario, uploadsPassively } from "anchorage";

export default scenario({
  title: "PASV, download and upload",
  quirk:
    "The baseline: the server names an address and a port in its 227 reply, the proxy puts its own port there and opens the way for one connection.",
  sources: [
    "RFC 959 §4.1.2",
    "ftp-proxy(8)",
    "captures/openbsd-7.8/pasv4.txt",
    "captures/openbsd-7.8/reverse_pasv4.txt",
  ],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await anchor.isEmpty();
    for (const transfers of [downloadsPassively, uploadsPassively]) {
      await client.sends("PASV");
      await server.gets("PASV");
      await server.listensForData();
      await server.sends(`227 Entering Passive Mode (${server.hostPort})`);
      await client.gets(/^227 Entering Passive Mode \(\d+(,\d+){5}\)$/);
      await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
      await transfers(stage);
    }
    await quits(stage);
    await anchor.isEmpty();
  },
});
