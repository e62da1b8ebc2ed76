import { activeCommand, downloadsPassively, logsIn, quits, says, scenario, stopsAt } from "anchorage";

export default scenario({
  title: "EPSV ALL",
  quirk:
    "A client promises to use EPSV and nothing else, so that a translator may stop looking. ftp-proxy(8) goes on as before: it rewrites the next EPSV, and a later PORT or EPRT, which the server must refuse, still gets its rules.",
  sources: ["RFC 2428 §4", "ProFTPD bug 2255", "captures/quirks/epsv-all.txt", "captures/quirks/epsv-all.inet6.txt"],
  priority: 2,
  modes: ["active", "passive"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await says(client, server, "EPSV ALL", "200 EPSV ALL ok");
    await anchor.isEmpty();

    await client.sends("EPSV");
    await server.gets("EPSV");
    await server.listensForData();
    await server.sends(`229 Entering Extended Passive Mode (|||${server.dataPort}|)`);
    await client.gets(229);
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await downloadsPassively(stage);

    await client.listensForData();
    await client.sends(activeCommand(family, client));
    await server.gets(/^(PORT|EPRT) /);
    await server.sends("501 Not after EPSV ALL");
    await client.gets("501 Not after EPSV ALL");
    const extended = family === "inet6";
    await anchor.holdsActive({ proxyPort: server.activePort, clientPort: client.dataPort, extended });
    await quits(stage);
    await anchor.isEmpty();
  },
  withClassic: stopsAt("firewall anchor holds two active rules", "other-rules"),
  withoutProxy: stopsAt("client opens data", "no-answer"),
});
