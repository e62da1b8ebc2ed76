import { entersPassiveMode, FILE, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "A 226 before the data has ended",
  quirk:
    "The server says that it is done, and its data is still on the way. PF carries data connections, so nothing that ftp-proxy(8) reads on the control connection cuts them short.",
  sources: ["RFC 959 §5.2", "giampaolo/pyftpdlib #156", "vsftpd Changelog (FlashFXP)"],
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
    await serving.sends("the beginning, ");
    await fetching.gets("the beginning, ");
    await server.sends("226 Done");
    await client.gets("226 Done");
    await stage.wait(stage.abridged(2_000));
    await serving.sendsFile(FILE);
    await fetching.getsFile(FILE);
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await quits(stage);
  },
});
