import { downloadsPassively, logsIn, passiveReply, quits, rewrittenPassive, scenario } from "anchorage";

export default scenario({
  title: "Passive mode in lines that end in a bare LF",
  quirk:
    "Some clients and servers send LF where RFC 959 asks for CR LF. ftp-proxy(8) ends lines at LF: what it does not rewrite goes on as it came, what it rewrites gets CR LF.",
  sources: ["RFC 1123 §4.1.2.10", "curl ftpserver.pl REPLYLF", "captures/quirks/bare-lf-lines.pasv.txt"],
  priority: 1,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const command = family === "inet" ? "PASV" : "EPSV";
    await logsIn(stage);
    await client.sendsSegments(`${command}\n`);
    await server.gets(`${command}\n`);
    await server.listensForData();
    await server.sendsSegments(`${passiveReply(family, server)}\n`);
    await client.gets(rewrittenPassive(stage));
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await downloadsPassively(stage);
    await quits(stage);
  },
});
