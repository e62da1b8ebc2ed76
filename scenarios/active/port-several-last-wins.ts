import { downloadsActively, entersActiveMode, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "PORT again and again",
  quirk:
    "Some clients say PORT over and over before they transfer anything. Each one replaces the rules of the one before: only the last port that the server was told leads to the client, and a call at an earlier one gets no answer.",
  sources: ["RFC 959 §4.1.2", "pure-ftpd src/ftpd.c doport", "captures/quirks/port-several-last-wins.txt"],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { server, anchor } = stage;
    await logsIn(stage);
    await entersActiveMode(stage);
    const first = server.active;
    await entersActiveMode(stage);
    await server.cannotDialData("no-answer", { to: first });
    await downloadsActively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
});
