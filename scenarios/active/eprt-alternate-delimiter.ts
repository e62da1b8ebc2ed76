import { commandPasses, extendedHostPort, logsIn, proxyRefusesCommand, scenario } from "anchorage";

export default scenario({
  title: "EPRT with exclamation marks",
  quirk:
    "RFC 2428 lets a client choose its delimiter. ftp-proxy(8) knows only the bar: it finds no port and ends the session, and the server never sees the command.",
  sources: ["RFC 2428 §2", "captures/quirks/eprt-alternate-delimiter.txt"],
  priority: 2,
  modes: ["active"],
  async play(stage) {
    const { client, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    const { address, dataPort: port } = client;
    await proxyRefusesCommand(stage, `EPRT ${extendedHostPort(family, { address, port }).replaceAll("|", "!")}`);
  },
  withoutProxy: commandPasses,
  withConntrack: commandPasses,
});
