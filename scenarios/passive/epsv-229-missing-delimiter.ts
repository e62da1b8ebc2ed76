import { fails, logsIn, proxyRefusesReply, scenario } from "anchorage";

export default scenario({
  title: "A 229 with a bar too few",
  quirk:
    "BulletProof FTP Server leaves one of the empty fields out. ftp-proxy(8) wants exactly three bars before the port, finds none and ends the session.",
  sources: ["RFC 2428 §3", "FluentFTP #1793", "ftp-proxy.c 1.41", "quirks-seen: epsv-229-missing-delimiter"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await client.sends("EPSV");
    await server.gets("EPSV");
    await server.listensForData();
    await proxyRefusesReply(stage, `229 Entering Extended Passive Mode (||${server.dataPort}|)`);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 229", notice: "connection closed" }),
    conntrack: fails({ by: "network", at: "the 229", notice: "hangs" }),
    none: fails({ by: "server", at: "RETR", notice: "hangs" }),
  },
});
