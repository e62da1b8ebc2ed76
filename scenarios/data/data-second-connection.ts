import { entersPassiveMode, FILE, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "A second data connection beside the first",
  quirk:
    "Download accelerators, and whoever races for a port, connect twice to what one reply named. The rules have `max 1`: PF drops the second SYN, and does not even log it.",
  sources: [
    "RFC 959 §3.2",
    "pf.conf(5) max",
    "captures/quirks/data-second-connection.txt",
    "captures/openbsd-7.8/max1_second_connection.txt",
  ],
  priority: 1,
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
    await client.cannotOpenData("no-answer");
    await serving.sendsFile(FILE);
    await fetching.getsFile(FILE);
    await server.sends("226 Done");
    await client.gets("226 Done");
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await quits(stage);
    await anchor.isEmpty();
  },
});
