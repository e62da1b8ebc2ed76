import { entersPassiveMode, FILE, logsIn, quits, says, scenario, untouched, works, worksAfterDetour } from "anchorage";

export default scenario({
  title: "A 227 that nobody asked for",
  quirk:
    "A hostile server answers NOOP with a 227, before and after a true PASV, so that the firewall opens a port that no client asked for. ftp-proxy(8) acts only on the reply to a PASV: the forged lines pass as they are, open nothing and close nothing.",
  sources: ["RFC 959 §4.2.2", "ftp-proxy.c 1.41", "captures/quirks/pasv-227-unsolicited.txt"],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await server.listensForData();
    await client.sends("NOOP");
    await server.gets("NOOP");
    const unsolicited = `227 Entering Passive Mode (${server.hostPort})`;
    await server.sends(unsolicited);
    await client.gets(untouched(unsolicited));
    await anchor.isEmpty();
    await client.cannotOpenData("no-answer");

    await entersPassiveMode(stage);
    const promised = client.passive;
    const ports = { proxyPort: client.passivePort, serverPort: server.dataPort };
    await server.listensForData();
    await says(client, server, "NOOP", `227 Entering Passive Mode (${server.hostPort})`);
    await anchor.holdsPassive(ports);
    await client.cannotOpenData("no-answer");
    const [fetching, serving] = await Promise.all([client.opensData(promised), server.acceptsData()]);
    await Promise.all([serving.sendsFile(FILE), fetching.getsFile(FILE)]);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    // Not judged: the unsolicited 227 is taken for the last one.
    conntrack: { service: "any" },
    "ftp-proxy": ({ side }) => (side === "forward" ? worksAfterDetour() : works),
  },
});
