import { activeCommand, fails, quits, scenario } from "anchorage";

export default scenario({
  title: "A client that speaks before the greeting",
  quirk:
    "Scripts write their commands as soon as they are connected, to the proxy that is; the server may not be reached yet. ftp-proxy(8) reads them all the same: rules for a PORT or EPRT stand before any 220.",
  sources: ["RFC 959 §5.4", "quirks-seen: client-speaks-first", "captures/openbsd-7.8/early_client.txt"],
  priority: 2,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await client.connects();
    await client.listensForData();
    await client.sendsSegments(`USER anonymous\r\n${activeCommand(family, client)}\r\n`);
    await server.accepts();
    await server.gets("USER anonymous");
    await server.gets(/^(PORT|EPRT) /);
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: client.dataPort,
      extended: family === "inet6",
      withoutConsent: true,
    });
    await server.sends("220 Ready");
    await client.gets("220 Ready");
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "the login", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "the login", notice: "connection closed" }),
    none: fails({ by: "server", at: "the login", notice: "connection closed" }),
  },
});
