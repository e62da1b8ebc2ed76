import { downloadsPassively, entersPassiveMode, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "A client that uses its passive port after ten minutes",
  quirk:
    "A human at telnet, or a client that dials when the server is ready. The rules of ftp-proxy(8) have no time limit of their own; nf_conntrack_ftp's expectation has gone after five minutes.",
  sources: ["ftp-proxy(8)", "nf_conntrack_ftp.c: ftp_exp_policy", "captures/openbsd-7.8/pasv4.txt"],
  priority: 2,
  modes: ["passive"],
  needs: ["virtual-time"],
  limitMs: 30 * 60_000,
  async play(stage) {
    await logsIn(stage);
    await entersPassiveMode(stage);
    await stage.wait(10 * 60_000);
    await downloadsPassively(stage);
    await quits(stage);
  },
});
