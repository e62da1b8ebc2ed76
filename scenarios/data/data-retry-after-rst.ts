import { entersPassiveMode, fails, logsIn, quits, scenario, worksAfterDetour } from "anchorage";

const FILE = "a short file\r\n";

export default scenario({
  title: "A second try after a refused data connection",
  quirk:
    "The server's data port was not open yet, and the client tries again. The state of the refused attempt lives on for tcp.closed, 90 s, and `max 1` counts it: the second try gets no answer until then.",
  sources: ["pf.conf(5) tcp.closed, max", "captures/quirks/data-retry-after-rst.txt"],
  priority: 1,
  modes: ["passive"],
  needs: ["long-waits"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await entersPassiveMode(stage);
    const ports = { proxyPort: client.passivePort, serverPort: server.dataPort };
    await server.stopsListening();
    await client.cannotOpenData("refused");
    await server.listensForData(ports.serverPort);
    await client.cannotOpenData("no-answer");
    await stage.wait(60_000);
    await client.cannotOpenData("no-answer");
    await stage.wait(40_000);
    const fetching = await client.opensData();
    const serving = await server.acceptsData();
    await serving.sendsFile(FILE);
    await fetching.getsFile(FILE);
    await anchor.holdsPassive(ports);
    await quits(stage);
  },
  expect: {
    "ftp-proxy": worksAfterDetour(),
    conntrack: fails({ by: "server", at: "data connection", notice: "connection refused" }),
  },
});
