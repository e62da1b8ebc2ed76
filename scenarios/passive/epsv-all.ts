import { activeCommand, downloadsPassively, fails, logsIn, quits, says, scenario } from "anchorage";

export default scenario({
  title: "EPSV ALL",
  quirk:
    "A client promises to use EPSV and nothing else, so that a translator may stop looking. ftp-proxy(8) goes on as before: it rewrites the next EPSV, and a later PORT or EPRT, which the server must refuse, still gets its rules.",
  sources: ["RFC 2428 §4", "ProFTPD bug 2255", "captures/quirks/epsv-all.txt", "captures/quirks/epsv-all.inet6.txt"],
  priority: 2,
  modes: ["active", "passive"],
  async play(stage) {
    const { client, server, anchor, family, profile } = stage;
    await logsIn(stage);
    await says(client, server, "EPSV ALL", "200 EPSV ALL ok");
    await anchor.isEmpty();

    await client.sends("EPSV");
    await server.gets("EPSV");
    await server.listensForData();
    await server.sends(`229 Entering Extended Passive Mode (|||${server.dataPort}|)`);
    await client.gets(229);
    const passive = { proxyPort: client.passivePort, serverPort: server.dataPort };
    await anchor.holdsPassive(passive);
    await downloadsPassively(stage);

    await client.listensForData();
    await client.sends(activeCommand(family, client));
    await server.gets(/^(PORT|EPRT) /);
    await server.sends("501 Not after EPSV ALL");
    await client.gets("501 Not after EPSV ALL");
    const extended = family === "inet6";
    // The classic generation waits for a `200 ` that does not come.
    if (profile === "classic") await anchor.holdsPassive(passive);
    else await anchor.holdsActive({ proxyPort: server.activePort, clientPort: client.dataPort, extended });
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": ({ family }) =>
      family === "inet"
        ? fails({ by: "server", at: "PORT", notice: "501" })
        : fails({ by: "server", at: "EPRT", notice: "501" }),
    conntrack: ({ family }) =>
      family === "inet"
        ? fails({ by: "server", at: "PORT", notice: "501" })
        : fails({ by: "server", at: "EPRT", notice: "501" }),
    none: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
