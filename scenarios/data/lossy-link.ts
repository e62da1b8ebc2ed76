import {
  downloadsPassively,
  entersActiveMode,
  entersPassiveMode,
  fails,
  logsIn,
  quits,
  scenario,
  uploadsActively,
} from "anchorage";

export default scenario({
  title: "Transfers over a link that loses, reorders and doubles packets",
  quirk:
    "A bad radio link on both sides of the firewall. SYNs come twice, segments late or never; the rules of ftp-proxy(8) allow one state, and a repeated SYN must find the state that the first made, not its limit.",
  sources: ["RFC 9293 §3.8.1", "pf.conf(5) max"],
  priority: 2,
  modes: ["active", "passive"],
  needs: ["faults"],
  link: { latencyMs: 30, loss: 0.03, reorder: 0.05, duplicate: 0.03 },
  async play(stage) {
    await logsIn(stage);
    await entersPassiveMode(stage);
    await downloadsPassively(stage);
    await entersActiveMode(stage);
    await uploadsActively(stage);
    await quits(stage);
    await stage.anchor.isEmpty();
  },
  expect: {
    none: ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 227", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
