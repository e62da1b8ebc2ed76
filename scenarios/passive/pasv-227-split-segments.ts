import { downloadsPassively, fails, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "A 227 in three segments",
  quirk:
    "A slow server, a tiny MSS or curl's SLOWDOWN cut the reply anywhere, even inside a number. A packet filter that rewrites packets must give up; ftp-proxy(8) waits for the end of the line and rewrites it whole.",
  sources: ["RFC 1123 §4.1.2.10", "curl tests/ftpserver.pl SLOWDOWN", "captures/quirks/pasv-227-split-segments.txt"],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.listensForData();
    const address = server.hostPort;
    await server.sendsSegments("227 Enter", `ing Passive Mode (${address.slice(0, -1)}`, `${address.slice(-1)})\r\n`);
    await client.gets(/^227 Entering Passive Mode \(\d+(,\d+){5}\)$/);
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await downloadsPassively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    conntrack: fails({ notice: "hangs" }),
  },
});
