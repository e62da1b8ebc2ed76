import { downloadsPassively, logsIn, passiveReply, quits, scenario } from "anchorage";

export default scenario({
  title: "A passive command in four segments",
  quirk:
    "Cut in the midst of the word, before the line's end and within it. A proxy on the stream waits for the LF and sees one command; the server gets it in one piece.",
  sources: ["RFC 1123 §4.1.2.10", "captures/openbsd-7.8/client_split.txt"],
  priority: 1,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const command = family === "inet" ? "PASV" : "EPSV";
    await logsIn(stage);
    await client.sendsSegments(command.slice(0, 2), command.slice(2));
    await server.hearsNothing(500);
    await client.sendsSegments("\r", "\n");
    await server.gets(command);
    await server.listensForData();
    await server.sends(passiveReply(family, server));
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
