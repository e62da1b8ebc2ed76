import { downloadsPassively, entersPassiveMode, fails, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "A reply that begins with one code and ends with another",
  quirk:
    "glftpd starts with `553-` and ends with `150 `. A proxy that waits for `553 ` hangs; ftp-proxy(8) does not follow replies over lines, and the next passive command works.",
  sources: ["RFC 959 §4.2", "veeso/suppaftp PR #168", "captures/quirks/multiline-mismatched-end.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await client.sends("RETR gone");
    await server.gets("RETR gone");
    await server.sendsSegments("553-Not here\r\n", "150 Opening nothing\r\n");
    await client.gets("553-Not here");
    await client.gets("150 Opening nothing");
    await entersPassiveMode(stage);
    await downloadsPassively(stage);
    await quits(stage);
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "RETR", notice: "553" }),
    conntrack: fails({ by: "server", at: "RETR", notice: "553" }),
    none: fails({ by: "server", at: "RETR", notice: "553" }),
  },
});
