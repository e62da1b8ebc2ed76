import { entersPassiveMode, logsIn, quits, says, scenario } from "anchorage";

export default scenario({
  title: "MODE B: two files over one data connection",
  quirk:
    "In block mode a data connection may stay open from file to file, across a new PASV or EPSV. The new rules replace the old, the state of the open connection outlives them, and the second file passes as the first did.",
  sources: ["RFC 959 §3.4.2", "lftp(1) ftp:use-mode-z", "captures/quirks/mode-z-b-c.txt"],
  priority: 3,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await says(client, server, "MODE Z", "504 Not here");
    await says(client, server, "MODE C", "504 Not here");
    await says(client, server, "MODE B", "200 Mode set");
    await entersPassiveMode(stage);
    const fetching = await client.opensData();
    const serving = await server.acceptsData();
    await says(client, server, "RETR first", "150 Here it comes");
    await serving.sends("\x40\0\x05first");
    await fetching.gets("\x40\0\x05first");
    await server.sends("250 Done, data connection stays open");
    await client.gets("250 Done, data connection stays open");
    await entersPassiveMode(stage);
    await says(client, server, "RETR second", "125 Data connection already open");
    await serving.sends("\x40\0\x06second");
    await fetching.gets("\x40\0\x06second");
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await serving.closes();
    await fetching.seesEnd();
    await quits(stage);
  },
});
