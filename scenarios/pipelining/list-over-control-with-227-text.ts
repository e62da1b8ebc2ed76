import { entersPassiveMode, logsIn, quits, scenario, works } from "anchorage";

const LISTING = ["213-Status of /", "227 Entering Passive Mode (10,0,0,66,4,1)", "229 (|||1025|)", "213 End"];

export default scenario({
  title: "A listing on the control connection with a file called like a 227",
  quirk:
    "STAT lists a folder within a reply, and a file's name begins like a passive reply. No passive command is pending, so ftp-proxy(8) sends it on; helpers that look for `227 ` at the start of a packet open a hole.",
  sources: ["RFC 959 §4.2", "lftp(1) ftp:use-stat-for-list", "captures/quirks/list-over-control-with-227-text.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await entersPassiveMode(stage);
    const ports = { proxyPort: client.passivePort, serverPort: server.dataPort };
    await client.sends("STAT /");
    await server.gets("STAT /");
    await server.sendsSegments(...LISTING.map((line) => `${line}\r\n`));
    await client.getsBytes(LISTING.map((line) => `${line}\r\n`).join(""));
    await anchor.holdsPassive(ports);
    await quits(stage);
  },
  expect: {
    none: works,
  },
});
