import { entersPassiveMode, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "NOOP while data flows, answered after the 226",
  quirk:
    "Clients send NOOP to keep the control connection alive in a long transfer; many servers answer when the transfer is over. The proxy must neither count replies nor touch its rules.",
  sources: ["RFC 1123 §4.1.3.3", "basic-ftp #170", "captures/quirks/noop-during-transfer.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await entersPassiveMode(stage);
    await client.sends("RETR file");
    await server.gets("RETR file");
    const fetching = await client.opensData();
    const serving = await server.acceptsData();
    await server.sends("150 Here it comes");
    await client.gets("150 Here it comes");
    await serving.sends("first half, ");
    await fetching.gets("first half, ");
    await client.sends("NOOP");
    await server.gets("NOOP");
    await serving.sendsFile("second half");
    await fetching.getsFile("second half");
    await server.sends("226 Done");
    await server.sends("200 Nothing done");
    await client.gets("226 Done");
    await client.gets("200 Nothing done");
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await quits(stage);
    await anchor.isEmpty();
  },
});
