import { downloadsActively, entersActiveMode, fails, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "A link so narrow that commands need several packets",
  quirk:
    "On a link of 68 bytes, the least that IPv4 allows, PORT and its replies are cut where the segment ends, not where the line does. A proxy on the stream does not notice; helpers that look at packets do.",
  sources: ["RFC 791", "RFC 1123 §4.1.2.10", "captures/quirks/control-tiny-mss.txt"],
  priority: 2,
  modes: ["active"],
  families: ["inet"],
  needs: ["faults"],
  link: { mtu: 68 },
  async play(stage) {
    await logsIn(stage);
    await entersActiveMode(stage);
    await downloadsActively(stage, "line by line, and each in pieces\r\n".repeat(20));
    await quits(stage);
    await stage.anchor.isEmpty();
  },
  // nf_conntrack_ftp.c, help: a packet that ends in the midst of a PORT is dropped, and so is each repetition.
  expect: {
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
  },
});
