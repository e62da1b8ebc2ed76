import { fails, hostPort, logsIn, quits, says, scenario } from "anchorage";

export default scenario({
  title: "A transfer between two servers (FXP)",
  quirk:
    "The client asks one server for a passive port and hands it to another as PORT, so that the servers talk to each other. RFC 959 provides for it; ftp-proxy(8) replaces both addresses: the second server is led to the client, which does not listen, and the first waits in vain.",
  sources: ["RFC 959 §5.2", "RFC 2577", "ftp-proxy(8) CAVEATS", "captures/quirks/fxp.txt"],
  priority: 1,
  modes: ["active", "passive"],
  // A 229 names no address that a PORT or EPRT could hand on.
  families: ["inet"],
  sessions: 2,
  async play(stage) {
    const { client: toA, server: a, anchor } = stage;
    const [toB, b] = [toA.another(), a.another()];
    await logsIn(stage);
    await logsIn({ ...stage, client: toB, server: b });
    await toA.sends("PASV");
    await a.gets("PASV");
    await a.listensForData();
    await a.sends(`227 Entering Passive Mode (${a.hostPort})`);
    await toA.gets(227);
    const passive = { mode: "passive", proxyPort: toA.passivePort, serverPort: a.dataPort } as const;
    await anchor.holdsTogether([passive]);
    await toB.sends(`PORT ${hostPort(toA.passive)}`);
    await b.gets(/^PORT /);
    const active = { mode: "active", proxyPort: b.activePort, clientPort: toA.passivePort } as const;
    await b.sends("200 Command successful");
    await toB.gets("200 Command successful");
    await anchor.holdsTogether([passive, active]);
    await toA.sends("STOR file");
    await a.gets("STOR file");
    await toB.sends("RETR file");
    await b.gets("RETR file");
    await b.cannotDialData("refused");
    await b.sends("425 Cannot open data connection");
    await toB.gets("425 Cannot open data connection");
    await a.isLeftAlone(stage.abridged(5_000));
    await says(toA, a, "ABOR", "226 Aborted");
    await quits({ ...stage, client: toB, server: b });
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "425" }),
    conntrack: ({ side }) =>
      side === "forward"
        ? fails({ by: "server", at: "RETR", notice: "425" })
        : fails({ by: "firewall", at: "data connection", notice: "425" }),
    none: ({ side }) =>
      side === "forward"
        ? fails({ by: "server", at: "RETR", notice: "425" })
        : fails({ by: "translation", at: "PORT", notice: "425" }),
  },
});
