import { entersPassiveMode, logsIn, quits, scenario } from "anchorage";

const FILE = "a short file\r\n";

export default scenario({
  title: "A server that takes data only from the control connection's address",
  quirk:
    "vsftpd, SFTPGo and ftp-srv answer 425 when data comes from another address than commands. ftp-proxy(8) makes PF translate data connections to the very address from which it dialled.",
  sources: [
    "RFC 2577 §5",
    "vsftpd pasv_promiscuous",
    "drakkan/sftpgo #1013",
    "captures/quirks/server-rejects-bad-ip.a.reverse.txt",
  ],
  priority: 1,
  modes: ["passive"],
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await entersPassiveMode(stage);
    await client.sends("RETR file");
    await server.gets("RETR file");
    const fetching = await client.opensData();
    const serving = await server.acceptsData();
    await stage.step("server", "sees one address on both connections", (_, differs) => {
      if (serving.peerAddress !== server.peerAddress) {
        differs("dialogue", `data from ${server.peerAddress}`, `data from ${serving.peerAddress}`);
      }
    });
    await serving.sendsFile(FILE);
    await fetching.getsFile(FILE);
    await server.sends("226 Done");
    await client.gets("226 Done");
    await quits(stage);
  },
});
