import { downloadsPassively, fails, logsIn, quits, rewritten229, scenario } from "anchorage";

export default scenario({
  title: "--lenient-replies: a 229 with exclamation marks",
  quirk:
    "The cure for servers/epsv-229-bang-delimiter: RFC 2428 lets the server choose its delimiter, and with --lenient-replies the proxy reads whichever it is.",
  sources: ["anchorage-ftp-proxy(8)", "RFC 2428 §3", "captures/quirks/epsv-229-bang-delimiter.inet6.txt"],
  priority: 2,
  modes: ["passive"],
  proxyArgs: ["--lenient-replies"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("EPSV");
    await server.gets("EPSV");
    await server.listensForData();
    await server.sends(`229 Entering Extended Passive Mode (!!!${server.dataPort}!)`);
    await client.gets(rewritten229);
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await downloadsPassively(stage);
    await quits(stage);
  },
  expect: {
    none: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
