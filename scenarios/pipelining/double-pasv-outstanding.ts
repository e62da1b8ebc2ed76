import { fails, logsIn, passiveReply, scenario, untouched, worksAfterDetour } from "anchorage";

export default scenario({
  title: "Two passive commands, then two replies",
  quirk:
    "A client asks twice before it reads. ftp-proxy(8) remembers one command: it rewrites the first reply, for which the server no longer listens, and lets the second pass as it came, for which there are no rules.",
  sources: ["ftp-proxy.c 1.41: server_parse", "captures/quirks/double-pasv-outstanding.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const command = family === "inet" ? "PASV" : "EPSV";
    await logsIn(stage);
    await client.sendsSegments(`${command}\r\n${command}\r\n`);
    await server.gets(command);
    await server.gets(command);
    await server.listensForData();
    const deserted = { port: server.dataPort, reply: passiveReply(family, server) };
    await server.stopsListening();
    await server.listensForData();
    const alive = passiveReply(family, server);
    await server.sends(deserted.reply);
    await server.sends(alive);
    await client.gets(family === "inet" ? 227 : 229);
    const opened = client.passive;
    await client.gets(untouched(alive));
    await anchor.holdsPassive({ proxyPort: opened.port, serverPort: deserted.port });
    await client.cannotOpenData("no-answer");
    await client.cannotOpenData("refused", opened);
    await anchor.holdsPassive({ proxyPort: opened.port, serverPort: deserted.port });
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "data connection", notice: "connection refused" }),
    conntrack: worksAfterDetour(),
  },
});
