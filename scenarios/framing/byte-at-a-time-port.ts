import { activeCommand, downloadsActively, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "An active dialogue, each byte in a segment of its own",
  quirk:
    "The client's PORT or EPRT comes byte by byte. ftp-proxy(8) reads the stream; nf_conntrack_ftp drops the first bytes as a partial match and loses sight of the rest.",
  sources: ["RFC 1123 §4.1.2.10", "nf_conntrack_ftp.c: find_pattern", "captures/quirks/byte-at-a-time.port.txt"],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sendsSegments(...`${activeCommand(family, client)}\r\n`);
    await server.gets(/^(PORT|EPRT) /);
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
  expect: {
    // Whether Linux loses a command in pieces differs from play to play.
    conntrack: { service: "any" },
  },
});
