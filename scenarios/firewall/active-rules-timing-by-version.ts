import { activeCommand, downloadsActively, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "A server that takes ten seconds to answer PORT",
  quirk:
    "One dialogue, two histories of the anchor. Since 2007 ftp-proxy(8) has its rules in place before the server gets the command; its classic generation, on FreeBSD until 8, loaded them when it had seen `200 `.",
  sources: ["ftp-proxy.c 1.13 (FreeBSD 8.3), 1.19 (FreeBSD 12.1) and 1.41", "captures/openbsd-7.8/port4.txt"],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    await anchor.isEmpty();
    await client.sends(activeCommand(family, client));
    await server.gets(/^(PORT|EPRT) /);
    const ports = { proxyPort: server.activePort, clientPort: client.dataPort, extended: family === "inet6" };
    await anchor.holdsActive({ ...ports, withoutConsent: true });
    await client.hearsNothing(stage.abridged(10_000));
    await anchor.holdsActive({ ...ports, withoutConsent: true });
    await server.sends("200 Command successful");
    await client.gets("200 Command successful");
    await anchor.holdsActive(ports);
    await downloadsActively(stage);
    await quits(stage);
  },
});
