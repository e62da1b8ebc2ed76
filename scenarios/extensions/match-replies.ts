import { downloadsPassively, logsIn, passiveReply, quits, scenario } from "anchorage";

export default scenario({
  title: "--match-replies: TYPE and a passive command in one segment",
  quirk:
    "The cure for pipelining/pipelined-type-pasv: with --match-replies each reply is paired with its own command, so the reply to TYPE does not make the proxy forget that it awaits a 227 or 229.",
  sources: ["anchorage-ftp-proxy(8)", "captures/quirks/pipelined-type-pasv.txt", "lftp(1) ftp:sync-mode"],
  priority: 1,
  modes: ["passive"],
  proxyArgs: ["--match-replies"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const command = family === "inet" ? "PASV" : "EPSV";
    await logsIn(stage);
    await client.sendsSegments(`TYPE I\r\n${command}\r\n`);
    await server.gets("TYPE I");
    await server.gets(command);
    await server.listensForData();
    await server.sends("200 Type set");
    await server.sends(passiveReply(family, server));
    await client.gets("200 Type set");
    await client.gets(family === "inet" ? 227 : 229);
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await downloadsPassively(stage);
    await quits(stage);
  },
});
