import { downloadsActively, entersActiveMode, logsIn, quits, says, scenario, worksAfterDetour } from "anchorage";

export default scenario({
  title: "A client that tries its way through to EPRT",
  quirk:
    "A client behind NAT64 is told 522 to EPSV 2 and 500 to LPSV, then sends EPRT. Refusals pass and open nothing; the EPRT works, since both connections of ftp-proxy(8) have the same family. It translates none to the other.",
  sources: ["RFC 6384", "NICMx/Jool #114", "captures/quirks/nat64-client.inet6.txt"],
  priority: 2,
  modes: ["active", "passive"],
  families: ["inet6"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await says(client, server, "EPSV 2", "522 Protocol not supported");
    await anchor.isEmpty();
    await says(client, server, "LPSV", "500 What?");
    await anchor.isEmpty();
    await entersActiveMode(stage);
    await downloadsActively(stage);
    await quits(stage);
  },
  expect: {
    "ftp-proxy": worksAfterDetour(),
    conntrack: worksAfterDetour(),
  },
});
