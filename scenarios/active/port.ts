import { downloadsActively, logsIn, quits, scenario, uploadsActively } from "anchorage";

export default scenario({
  title: "PORT, download and upload",
  quirk:
    "The baseline of active mode: the client names an address and a port of its own, the proxy puts its own there, and the server dials in through the firewall.",
  sources: ["RFC 959 §4.1.2", "ftp-proxy(8)", "captures/openbsd-7.8/port4.txt", "captures/quirks/port-canonical.txt"],
  priority: 1,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await anchor.isEmpty();
    for (const transfers of [downloadsActively, uploadsActively]) {
      await client.listensForData();
      await client.sends(`PORT ${client.hostPort}`);
      await server.gets(/^PORT \d+(,\d+){5}$/);
      await server.sends("200 PORT command successful");
      await client.gets("200 PORT command successful");
      await anchor.holdsActive({ proxyPort: server.activePort, clientPort: client.dataPort });
      await transfers(stage);
    }
    await quits(stage);
    await anchor.isEmpty();
  },
});
