import { activeCommand, fails, logsIn, quits, scenario } from "anchorage";

const FILE = "data-payload\r\n";

export default scenario({
  title: "A path with a line's end and a PORT in it",
  quirk:
    "A crafted URL makes a careless client send `RETR a` and a second command behind it. A proxy sees two honest lines and opens what the second asks for; only the client could have known.",
  sources: ["basic-ftp GHSA-chqc-8p9q-pq6q", "curl test2115", "captures/quirks/crlf-injected-path.txt"],
  priority: 2,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sendsSegments(`RETR a\r\n${activeCommand(family, client)}\r\n`);
    await server.gets("RETR a");
    await server.gets(/^(PORT|EPRT) /);
    await server.sends("425 No data connection");
    await server.sends("200 Command successful");
    await client.gets("425 No data connection");
    await client.gets("200 Command successful");
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: client.dataPort,
      extended: family === "inet6",
      withoutConsent: true,
    });
    const serving = await server.dialsData();
    const fetching = await client.acceptsData();
    await serving.sendsFile(FILE);
    await fetching.getsFile(FILE);
    await quits(stage);
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "RETR", notice: "425" }),
    conntrack: fails({ by: "server", at: "RETR", notice: "425" }),
    none: fails({ by: "server", at: "RETR", notice: "425" }),
  },
});
