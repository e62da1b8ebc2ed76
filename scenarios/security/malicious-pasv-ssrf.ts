import { fails, logsIn, quits, says, scenario, ThirdHost } from "anchorage";

/** The client goes where it is sent, and gets no file. */
const sent = fails({ notice: "425", harm: [{ name: "intruder-out", detail: "was sent to" }] });

export default scenario({
  title: "A 227 that names a neighbour of the client",
  quirk:
    "A hostile server sends clients to hosts on their own network, to learn what listens there. ftp-proxy(8) does not read the address: the client is sent to the server's own port, which is closed, and its neighbour sees nothing.",
  sources: ["CVE-2020-8284", "CVE-2021-4189", "RFC 2577", "captures/quirks/malicious-pasv-ssrf.high.txt"],
  priority: 1,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    const third = await ThirdHost.of(stage);
    await logsIn(stage);
    await client.sends("PASV");
    await server.gets("PASV");
    await server.sends(`227 Entering Passive Mode (${third.hostPort})`);
    await client.gets(227);
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: third.endpoint.port });
    await client.cannotOpenData("refused");
    await third.wasLeftAlone();
    await says(client, server, "RETR file", "425 Nobody came");
    await quits(stage);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 227", notice: "425" }),
    conntrack: sent,
    none: sent,
  },
});
