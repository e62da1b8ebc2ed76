import { downloadsPassively, entersPassiveMode, fails, logsIn, quits, scenario, worksAfterDetour } from "anchorage";

export default scenario({
  title: "EPSV accepted, its port closed, then PASV",
  quirk:
    "The server answers EPSV, but its port does not take the connection; curl gives EPSV up and says PASV. The rules for the first port must make room for the second pair: never four.",
  sources: [
    "curl lib/ftp.c ftp_epsv_disable",
    "curl tests/data/test1233",
    "git-ftp #56",
    "captures/quirks/epsv-ok-connect-fails-then-pasv.txt",
  ],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.sends("EPSV");
    await server.gets("EPSV");
    await server.listensForData();
    await server.stopsListening();
    await server.sends(`229 Entering Extended Passive Mode (|||${server.dataPort}|)`);
    await client.gets(229);
    const closed = { proxyPort: client.passivePort, serverPort: server.dataPort };
    await anchor.holdsPassive(closed);
    await client.cannotOpenData("refused");
    await anchor.holdsPassive(closed);
    await entersPassiveMode(stage);
    await downloadsPassively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": worksAfterDetour(),
    conntrack: worksAfterDetour(),
    none: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
