import { FILE, logsIn, quits, says, scenario } from "anchorage";

export default scenario({
  title: "PORT with the same port for each transfer",
  quirk:
    "A client with one fixed active port names it for every transfer, while PF still holds the states of the last one. Each PORT gets another port of the proxy's and rules of its own; with a server that dials from a new port each time, all three transfers work.",
  sources: [
    "RFC 1123 §4.1.2.5",
    "FluentFTP #954",
    "secsy/goftp #66",
    "ftp-proxy.c 1.41 pick_proxy_port",
    "quirks-seen: port-same-port-reused",
  ],
  priority: 1,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.listensForData();
    for (let transfer = 1; transfer <= 3; transfer++) {
      await client.sends(`PORT ${client.hostPort}`);
      await server.gets(/^PORT \d+(,\d+){5}$/);
      await server.sends("200 PORT command successful");
      await client.gets(200);
      await anchor.holdsActive({ proxyPort: server.activePort, clientPort: client.dataPort });
      await says(client, server, `RETR file${transfer}`, "150 Here it comes");
      const [fetching, serving] = await Promise.all([client.acceptsData(), server.dialsData({ from: 0 })]);
      await Promise.all([serving.sendsFile(FILE), fetching.getsFile(FILE)]);
      await server.sends("226 Done");
      await client.gets("226 Done");
    }
    await quits(stage);
    await anchor.isEmpty();
  },
});
