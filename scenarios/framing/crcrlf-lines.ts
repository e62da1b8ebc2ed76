import { activeCommand, downloadsActively, logsIn, quits, rewrittenActive, says, scenario } from "anchorage";

export default scenario({
  title: "Lines that end in CR CR LF",
  quirk:
    "vsftpd knows clients that end lines with two CR. For ftp-proxy(8) the first is a byte like others: it goes on to the server, except in PORT and EPRT, where it follows the port and is ignored.",
  sources: ["vsftpd Changelog", "captures/quirks/crcrlf-lines.txt", "captures/quirks/crcrlf-lines.noop.txt"],
  priority: 3,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await says(client, server, "NOOP\r", "200 Nothing done");
    await client.listensForData();
    await client.sends(`${activeCommand(family, client)}\r`);
    await server.gets(rewrittenActive(stage));
    await server.sends("200 Command successful");
    await client.gets("200 Command successful");
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: client.dataPort,
      extended: family === "inet6",
    });
    await downloadsActively(stage);
    await quits(stage);
  },
});
