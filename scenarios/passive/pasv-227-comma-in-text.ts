import { downloadsPassively, logsIn, quits, rewritten227, scenario } from "anchorage";

export default scenario({
  title: "A 227 with a comma before the address",
  quirk:
    "The first vsftpd wrote a comma after “Mode”, and Netscape, which counted commas, dialled somewhere else. ftp-proxy(8) reads from the parenthesis on, and its own 227 has no such comma: behind it even Netscape works.",
  sources: ["RFC 959 §4.2", "vsftpd 0.0.4 Changelog", "ftp-proxy.c 1.41", "quirks-seen: pasv-227-comma-in-text"],
  priority: 3,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.listensForData();
    await server.sends(`227 Entering Passive Mode, (${server.hostPort})`);
    await client.gets(rewritten227(stage));
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await downloadsPassively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
});
