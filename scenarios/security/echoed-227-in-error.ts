import { logsIn, quits, scenario, works } from "anchorage";

const ECHO = "227 Entering Passive Mode (10,0,0,5,0,139)";

export default scenario({
  title: "A 227 echoed in an error, at the start of a segment",
  quirk:
    "The attack on packet filters of the nineties: the client sends nonsense with a 227 in it, the server echoes it, and the segment is cut so that `227 ` comes first. ftp-proxy(8) reads lines, and this line begins with 500.",
  sources: ["Cisco ASA guide, FTP inspection", "captures/quirks/echoed-227-in-error.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const passive = family === "inet" ? "PASV" : "EPSV";
    await logsIn(stage);
    await client.sendsSegments(`XXXX${ECHO}\r\n${passive}\r\n`);
    await server.gets(`XXXX${ECHO}`);
    await server.gets(passive);
    await server.sendsSegments("500 'XXXX", `${ECHO}' not understood\r\n`);
    await client.gets(`500 'XXXX${ECHO}' not understood`);
    await anchor.isEmpty();
    await quits(stage);
  },
  expect: {
    none: works,
  },
});
