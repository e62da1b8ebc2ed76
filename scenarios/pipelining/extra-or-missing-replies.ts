import { entersPassiveMode, logsIn, quits, scenario } from "anchorage";

const FILE = "a short file\r\n";

export default scenario({
  title: "A transfer with no 150 and two 226",
  quirk:
    "Some servers forget the preliminary reply, some say twice that they are done. A proxy that counts replies is out of step from then on; ftp-proxy(8) does not count, and the next transfer goes well.",
  sources: ["RFC 959 §5.4", "MoonchildProductions/UXP #1349", "yob/em-ftpd #7", "captures/openbsd-7.8/pasv4.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    for (const round of ["first", "second"]) {
      await entersPassiveMode(stage);
      await client.sends(`RETR ${round}`);
      await server.gets(`RETR ${round}`);
      const fetching = await client.opensData();
      const serving = await server.acceptsData();
      await serving.sendsFile(FILE);
      await fetching.getsFile(FILE);
      await server.sends("226 Done");
      await server.sends("226 Done, really");
      await client.gets("226 Done");
      await client.gets("226 Done, really");
      await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    }
    await quits(stage);
  },
});
