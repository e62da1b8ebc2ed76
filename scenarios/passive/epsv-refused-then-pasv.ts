import { downloadsPassively, entersPassiveMode, logsIn, quits, says, scenario, worksAfterDetour } from "anchorage";

export default scenario({
  title: "EPSV refused, then PASV",
  quirk:
    "curl, lftp and FluentFTP try EPSV first and fall back to PASV when the server does not know it. Nothing of the refused command may stay with the proxy: no rules after the error, the two rules after the 227.",
  sources: ["RFC 2428 §3", "curl tests/data/test211", "captures/quirks/epsv-refused-then-pasv.txt"],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    for (const refusal of ["500 What?", "501 Bad argument", "502 Not here", "522 Use (1)"]) {
      await says(client, server, "EPSV", refusal);
      await anchor.isEmpty();
    }
    await entersPassiveMode(stage);
    await downloadsPassively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": worksAfterDetour(),
    conntrack: worksAfterDetour(),
  },
});
