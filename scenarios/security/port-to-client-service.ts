import { activeCommand, downloadsActively, logsIn, quits, scenario } from "anchorage";

/** X11: above 1023, so nobody refuses it. */
const PORT = 6_000;

export default scenario({
  title: "A client that opens its own X11 port to the server",
  quirk:
    "Someone inside asks the firewall, by PORT or EPRT, to let an outside friend reach a service on his machine. ftp-proxy(8) allows any port from 1024 on, for that server alone.",
  sources: ["RFC 2577", "captures/quirks/port-to-client-service.txt"],
  priority: 2,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await client.listensForData(PORT);
    await client.sends(activeCommand(family, client));
    await server.gets(/^(PORT|EPRT) /);
    await server.sends("200 Command successful");
    await client.gets("200 Command successful");
    await anchor.holdsActive({ proxyPort: server.activePort, clientPort: PORT, extended: family === "inet6" });
    await downloadsActively(stage);
    await quits(stage);
  },
});
