import { downloadsPassively, logsIn, passiveReply, quits, scenario } from "anchorage";

export default scenario({
  title: "A passive dialogue, each byte in a segment of its own",
  quirk:
    "Someone types into telnet, or a slow server writes byte by byte. A proxy on the stream sees lines all the same; one that looks at packets sees `P`, `A`, `S`, `V`.",
  sources: ["RFC 1123 §4.1.2.10", "curl ftpserver.pl SLOWDOWN", "captures/quirks/byte-at-a-time.pasv.txt"],
  priority: 1,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const command = family === "inet" ? "PASV" : "EPSV";
    await logsIn(stage);
    await client.sendsSegments(...`${command}\r\n`);
    await server.gets(command);
    await server.listensForData();
    await server.sendsSegments(...`${passiveReply(family, server)}\r\n`);
    await client.gets(family === "inet" ? 227 : 229);
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await downloadsPassively(stage);
    await quits(stage);
  },
  expect: {
    // Whether Linux loses a command in pieces differs from play to play.
    conntrack: { service: "any" },
  },
});
