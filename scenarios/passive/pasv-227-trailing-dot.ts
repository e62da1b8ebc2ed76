import { downloadsPassively, logsIn, quits, rewritten227, scenario } from "anchorage";

export default scenario({
  title: "A 227 with a full stop",
  quirk:
    "vsftpd since 2.1 and wu-ftpd end the sentence after the parenthesis with a full stop, which old clients took for a part of the port. ftp-proxy(8) reads as far as the numbers go; its own 227 has no full stop.",
  sources: ["RFC 959 §4.2", "vsftpd 2.1 Changelog", "ftp-proxy.c 1.41", "quirks-seen: pasv-227-trailing-dot"],
  priority: 2,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.listensForData();
    await server.sends(`227 Entering Passive Mode (${server.hostPort}).`);
    await client.gets(rewritten227(stage));
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await downloadsPassively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
});
