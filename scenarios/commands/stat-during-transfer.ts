import { entersPassiveMode, logsIn, quits, scenario } from "anchorage";

const STATUS = ["213-Status", " 12 bytes sent so far", "213 End"];

export default scenario({
  title: "STAT in the midst of a transfer",
  quirk:
    "lftp asks how far a transfer has come, and a reply of several lines comes between 150 and 226. It passes, and neither rules nor data notice.",
  sources: ["RFC 1123 §4.1.3.3", "lftp(1) ftp:use-stat", "quirks-seen: stat-during-transfer"],
  priority: 3,
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
    await client.sends("STAT");
    await server.gets("STAT");
    await server.sendsSegments(...STATUS.map((line) => `${line}\r\n`));
    for (const line of STATUS) await client.gets(line);
    await serving.sendsFile("second half");
    await fetching.getsFile("second half");
    await server.sends("226 Done");
    await client.gets("226 Done");
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await quits(stage);
  },
});
