import { entersPassiveMode, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "ABOR in the midst of a transfer",
  quirk:
    "One command, and two replies: 426 for the transfer, 226 for ABOR. Both pass as they came and the rules stay until the next command that replaces them.",
  sources: ["RFC 959 §4.1.3", "RFC 1123 §4.1.3.3", "captures/quirks/abor-plain.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await entersPassiveMode(stage);
    const ports = { proxyPort: client.passivePort, serverPort: server.dataPort };
    await client.sends("RETR file");
    await server.gets("RETR file");
    const fetching = await client.opensData();
    const serving = await server.acceptsData();
    await server.sends("150 Here it comes");
    await client.gets("150 Here it comes");
    await serving.sends("first half, ");
    await fetching.gets("first half, ");
    await client.sends("ABOR");
    await server.gets("ABOR");
    await serving.closes();
    await fetching.seesEnd();
    await server.sends("426 Transfer aborted");
    await server.sends("226 Abort successful");
    await client.gets("426 Transfer aborted");
    await client.gets("226 Abort successful");
    await anchor.holdsPassive(ports);
    await quits(stage);
  },
});
