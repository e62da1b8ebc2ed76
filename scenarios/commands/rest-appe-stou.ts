import { entersPassiveMode, logsIn, quits, says, scenario } from "anchorage";

const PIECE = "the rest of a file\r\n";

export default scenario({
  title: "REST, APPE and STOU after a passive command",
  quirk:
    "Resuming clients send REST between the 227 and RETR, scanners store with STOU. None of it concerns ftp-proxy(8): it passes, and the rules stay as they are.",
  sources: ["RFC 1123 §4.1.2.9", "RFC 3659 §5", "captures/quirks/rest-appe-stou.txt"],
  priority: 3,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    for (const { command, reply } of [
      { command: "APPE log", reply: "150 Send it" },
      { command: "STOU", reply: "150 FILE: scan0001.pdf" },
    ]) {
      await entersPassiveMode(stage);
      await says(client, server, "REST 100", "350 From there");
      await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
      await client.sends(command);
      await server.gets(command);
      const storing = await client.opensData();
      const taking = await server.acceptsData();
      await server.sends(reply);
      await client.gets(reply);
      await storing.sendsFile(PIECE);
      await taking.getsFile(PIECE);
      await server.sends("226 Done");
      await client.gets("226 Done");
    }
    await quits(stage);
  },
});
