import { entersPassiveMode, logsIn, scenario } from "anchorage";

export default scenario({
  title: "QUIT in the midst of a transfer, answered after it",
  quirk:
    "RFC 959 asks the server to finish the transfer, then to answer QUIT, then to close. The rules stay until that close, since ftp-proxy(8) does not read QUIT.",
  sources: ["RFC 959 §4.1.1 QUIT", "proftpd PR #2285", "captures/quirks/control-closed-mid-transfer.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, log } = stage;
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
    await client.sends("QUIT");
    await server.gets("QUIT");
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await serving.sendsFile("second half");
    await fetching.getsFile("second half");
    await server.sends("226 Done");
    await server.sends("221 Goodbye");
    await server.closes();
    await client.gets("226 Done");
    await client.gets("221 Goodbye");
    await client.seesClose();
    await log.says("server close");
    await anchor.isEmpty();
  },
});
