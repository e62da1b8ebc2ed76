import { downloadsPassively, entersPassiveMode, logsIn, quits, scenario, ThirdHost } from "anchorage";

export default scenario({
  title: "A neighbour that dials the client's data port first",
  quirk:
    "Someone guesses or overhears the port of the 227 or 229 and connects before the client does, to steal what is sent. The rules name the client: the thief gets no answer, and the port stays the client's.",
  sources: ["RFC 2577 §5", "FubarDevelopment/FtpServer PR #53", "quirks-seen: data-port-stealing"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor } = stage;
    const thief = await ThirdHost.of(stage);
    await logsIn(stage);
    await entersPassiveMode(stage);
    await stage.wait(1_000);
    await thief.cannotConnect(client.passive);
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await downloadsPassively(stage);
    await quits(stage);
  },
});
