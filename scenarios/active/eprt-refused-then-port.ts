import { downloadsActively, entersActiveMode, logsIn, quits, scenario, worksAfterDetour } from "anchorage";

export default scenario({
  title: "EPRT refused, then PORT",
  quirk:
    "curl tries EPRT first and falls back to PORT when the server does not know it. The rules for EPRT are there already and outlive the refusal; those for PORT take their place: never four.",
  sources: ["RFC 2428 §2", "curl tests/data/test591", "captures/quirks/eprt-refused-then-port.txt"],
  priority: 2,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sends(`EPRT ${client.extendedHostPort}`);
    await server.gets(/^EPRT \|1\|[\d.]+\|\d+\|$/);
    await server.sends("500 What?");
    await client.gets("500 What?");
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: client.dataPort,
      extended: true,
      withoutConsent: true,
    });
    await entersActiveMode(stage);
    await downloadsActively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": worksAfterDetour(),
    conntrack: worksAfterDetour(),
  },
});
