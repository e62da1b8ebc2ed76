import { activeCommand, logsIn, quits, scenario, stopsAt } from "anchorage";

const FILE = "a short file\r\n";

export default scenario({
  title: "A server that dials before it answers PORT",
  quirk:
    "The generation before 4.7 loads active rules when it has seen `200 `; today's loads them before the server has even got the command. So a hasty server gets through now, and did not then.",
  sources: ["ftp-proxy.c 1.9, 1.23 and 1.41", "FreeBSD contrib/pf/ftp-proxy", "captures/openbsd-7.8/port4.txt"],
  priority: 1,
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sends(activeCommand(family, client));
    await server.gets(family === "inet" ? /^PORT / : /^EPRT /);
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: client.dataPort,
      extended: family === "inet6",
    });
    const serving = await server.dialsData();
    const fetching = await client.acceptsData();
    await server.sends("200 Command successful");
    await client.gets("200 Command successful");
    await serving.sendsFile(FILE);
    await fetching.getsFile(FILE);
    await quits(stage);
  },
  withClassic: stopsAt("firewall anchor holds two active rules", "other-rules"),
  withoutProxy: stopsAt("server dials data", "no-answer"),
});
