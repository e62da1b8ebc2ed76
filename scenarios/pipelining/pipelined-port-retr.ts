import { activeCommand, fails, logsIn, quits, scenario } from "anchorage";

const FILE = "a short file\r\n";

export default scenario({
  title: "An active command and RETR in one segment",
  quirk:
    "Fast scripts do not wait for the 200. ftp-proxy(8) of today has loaded its rules before it looks at RETR, so all goes well; the generation that waited for the 200 has forgotten the PORT by then.",
  sources: [
    "ftp-proxy.c 1.41: client_parse",
    "Cisco ASA guide, command pipelining",
    "captures/quirks/pipelined-port-retr.txt",
  ],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sendsSegments(`${activeCommand(family, client)}\r\nRETR file\r\n`);
    await server.gets(/^(PORT|EPRT) /);
    await server.gets("RETR file");
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: client.dataPort,
      extended: family === "inet6",
      withoutConsent: true,
    });
    await server.sends("200 Command successful");
    await server.sends("150 Here it comes");
    await client.gets("200 Command successful");
    await client.gets("150 Here it comes");
    const serving = await server.dialsData();
    const fetching = await client.acceptsData();
    await serving.sendsFile(FILE);
    await fetching.getsFile(FILE);
    await server.sends("226 Done");
    await client.gets("226 Done");
    await quits(stage);
  },
  expect: {
    classic: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
