import {
  downloadsActively,
  downloadsPassively,
  entersActiveMode,
  entersPassiveMode,
  fails,
  logsIn,
  quits,
  scenario,
} from "anchorage";

export default scenario({
  title: "PORT, then PASV, then PORT again",
  quirk:
    "Clients that look for the mode that works say PORT and PASV one after the other. The last one counts: its two rules take the place of the other two, and the earlier way is closed.",
  sources: [
    "RFC 959 §4.1.2",
    "FluentFTP AutoActive, AutoPassive",
    "ftp-proxy.c 1.41",
    "quirks-seen: port-pasv-alternate",
  ],
  priority: 2,
  modes: ["active", "passive"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await entersActiveMode(stage);
    await entersPassiveMode(stage);
    await server.cannotDialData("no-answer");
    await downloadsPassively(stage);
    await entersActiveMode(stage);
    await client.cannotOpenData("no-answer");
    await downloadsActively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    none: ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 227", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
