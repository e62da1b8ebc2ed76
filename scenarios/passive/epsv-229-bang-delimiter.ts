import { fails, logsIn, proxyRefusesReply, scenario } from "anchorage";

export default scenario({
  title: "A 229 with exclamation marks",
  quirk:
    "IBM i and z/OS, between two code pages, write `!` where others write `|`, and RFC 2428 lets them. ftp-proxy(8) knows only the bar: it finds no port and ends the session.",
  sources: [
    "RFC 2428 §3",
    "basic-ftp #87 (3.8.1)",
    "FluentFTP Client/Modules/PassivePortModule.cs",
    "captures/quirks/epsv-229-bang-delimiter.inet6.txt",
  ],
  priority: 1,
  modes: ["passive"],
  async play(stage) {
    const { client, server } = stage;
    await logsIn(stage);
    await client.sends("EPSV");
    await server.gets("EPSV");
    await server.listensForData();
    await proxyRefusesReply(stage, `229 Entering Extended Passive Mode (!!!${server.dataPort}!)`);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 229", notice: "connection closed" }),
    none: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
