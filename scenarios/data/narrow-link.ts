import {
  downloadsActively,
  downloadsPassively,
  entersActiveMode,
  entersPassiveMode,
  fails,
  logsIn,
  quits,
  scenario,
  uploadsActively,
  uploadsPassively,
} from "anchorage";

const FILE = "A line of a file that is cut where the link wants it, not where it ends.\r\n".repeat(2_000);

export default scenario({
  title: "Transfers over a link that is narrower than the players think",
  quirk:
    "A tunnel or PPPoE on the way: the first full segments are too big for it, and the firewall says so to an address that it has translated itself. Where that message gets lost, listings work and files hang at their beginning.",
  sources: ["RFC 1191", "RFC 8201", "RFC 2923 §2.1", "pf.conf(5) nat-to, rdr-to: state of ICMP errors"],
  priority: 2,
  modes: ["active", "passive"],
  needs: ["mtu"],
  link: { mtu: 1280 },
  async play(stage) {
    await logsIn(stage);
    for (const transfers of [downloadsPassively, uploadsPassively]) {
      await entersPassiveMode(stage);
      await transfers(stage, FILE);
    }
    for (const transfers of [downloadsActively, uploadsActively]) {
      await entersActiveMode(stage);
      await transfers(stage, FILE);
    }
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
