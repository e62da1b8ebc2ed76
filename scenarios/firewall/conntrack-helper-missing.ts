import { downloadsActively, entersActiveMode, fails, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "Active mode, and a conntrack helper that nobody assigned",
  quirk:
    "Until Linux 6.0 a sysctl assigned nf_conntrack_ftp to every connection to port 21; since then only a rule does, and where it is missing nothing says so: the PORT leaves with the client's own address, and data is dropped. A proxy needs no such rule.",
  sources: ["firewalld #1049", "openwrt #13009", "NethServer/nethsecurity #544", "Linux 6.18, played"],
  priority: 2,
  modes: ["active"],
  kernelRules: (text) => text.replace(/^.* ct helper set .*\n/m, ""),
  async play(stage) {
    await logsIn(stage);
    await entersActiveMode(stage);
    await downloadsActively(stage);
    await quits(stage);
    await stage.anchor.isEmpty();
  },
  expect: {
    conntrack: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "translation", at: "PORT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
