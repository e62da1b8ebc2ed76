import { downloadsPassively, logsIn, quits, rewritten227, scenario } from "anchorage";

export default scenario({
  title: "--lenient-replies: a 227 without parentheses",
  quirk:
    "The cure for servers/pasv-227-no-parens: with --lenient-replies the proxy looks for six numbers as RFC 1123 asks clients to, and the transfer goes through.",
  sources: ["anchorage-ftp-proxy(8)", "RFC 1123 §4.1.2.6", "captures/quirks/pasv-227-no-parens.txt"],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  proxyArgs: ["--lenient-replies"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.listensForData();
    await server.sends(`227 Entering passive mode. ${server.hostPort}`);
    await client.gets(rewritten227(stage));
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await downloadsPassively(stage);
    await quits(stage);
  },
});
