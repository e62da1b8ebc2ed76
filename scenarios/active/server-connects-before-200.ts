import { activeCommand, FILE, fails, logsIn, quits, says, scenario } from "anchorage";

export default scenario({
  title: "A server that dials before it answers PORT",
  quirk:
    "ftp-srv and a few others try the client's port at once and answer PORT only when they are through. The rules must be there before the server can read the command: ftp-proxy(8) of today loads them first, its older generation waited for the 200.",
  sources: [
    "RFC 959 §3.3",
    "ftp-srv src/commands/registration/port.js",
    "ftp-proxy.c 1.41 client_parse",
    "quirks-seen: server-connects-before-200",
  ],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sends(activeCommand(family, client));
    await server.gets(/^(PORT|EPRT) /);
    const [fetching, serving] = await Promise.all([client.acceptsData(), server.dialsData()]);
    const extended = family === "inet6";
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: client.dataPort,
      extended,
      withoutConsent: true,
    });
    await server.sends("200 Connected already");
    await client.gets("200 Connected already");
    await says(client, server, "RETR file", "150 Here it comes");
    await Promise.all([serving.sendsFile(FILE), fetching.getsFile(FILE)]);
    await server.sends("226 Done");
    await client.gets("226 Done");
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    classic: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
    none: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "server", at: "PORT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
