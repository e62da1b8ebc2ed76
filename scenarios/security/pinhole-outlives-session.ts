import { entersActiveMode, logsIn, quits, scenario, works } from "anchorage";

export default scenario({
  title: "A server that dials after the session has ended",
  quirk:
    "The client named a port, left, and still listens there. ftp-proxy(8) takes its rules away with the session, so the late call gets no answer. A helper that keeps its expectation while the control connection is in TIME_WAIT lets it in.",
  sources: ["ftp-proxy.c 1.41: end_session", "nf_conntrack_ftp.c: ftp_exp_policy, 5 minutes", "RFC 2577 §2"],
  priority: 2,
  modes: ["active"],
  async play(stage) {
    await logsIn(stage);
    await entersActiveMode(stage);
    await quits(stage);
    await stage.anchor.isEmpty();
    await stage.wait(1_000);
    await stage.server.cannotDialData("no-answer");
  },
  expect: { none: works },
});
