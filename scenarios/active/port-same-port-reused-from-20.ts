import { FILE, fails, logsIn, quits, says, scenario } from "anchorage";

export default scenario({
  title: "PORT with the same port for each transfer, and -r",
  quirk:
    "With -r data reaches the client from port 20 whatever port the server dials from. The client names its one active port again, the state of the last transfer still holds 20 to that port, and PF finds no other to translate to: the second transfer gets no answer.",
  sources: ["ftp-proxy(8) -r", "FluentFTP #954", "quirks-seen: port-same-port-reused, rfc_r_ephemeral_server_port"],
  priority: 2,
  modes: ["active"],
  families: ["inet"],
  proxyArgs: ["-r"],
  async play(stage) {
    const { client, server, anchor } = stage;
    const saysPort = async (): Promise<void> => {
      await client.sends(`PORT ${client.hostPort}`);
      await server.gets(/^PORT \d+(,\d+){5}$/);
      await server.sends("200 PORT command successful");
      await client.gets(200);
      await anchor.holdsActive({ proxyPort: server.activePort, clientPort: client.dataPort });
    };
    await logsIn(stage);
    await client.listensForData();
    await saysPort();
    await says(client, server, "RETR file", "150 Here it comes");
    const [fetching, serving] = await Promise.all([client.acceptsData(), server.dialsData({ from: 0 })]);
    await Promise.all([serving.sendsFile(FILE), fetching.getsFile(FILE)]);
    await server.sends("226 Done");
    await client.gets("226 Done");

    await saysPort();
    await says(client, server, "RETR file", "150 Here it comes");
    await server.cannotDialData("no-answer", { from: 0 });
    await server.sends("425 Cannot open data connection");
    await client.gets(425);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "firewall", at: "data connection", notice: "425" }),
    conntrack: fails({ by: "server", at: "RETR", notice: "425" }),
  },
});
