import { downloadsActively, fails, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "PORT that the server refuses",
  quirk:
    "A server with active mode turned off answers PORT with 502. ftp-proxy(8) has loaded its rules before, and never looks at the answer: they stay until the session ends, and a server that dials nevertheless reaches the client.",
  sources: [
    "RFC 959 §5.4",
    "curl tests/data/test1414",
    "ftp-proxy.c 1.41 client_parse",
    "captures/quirks/port-refused-by-server.txt",
  ],
  priority: 1,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sends(`PORT ${client.hostPort}`);
    await server.gets(/^PORT \d+(,\d+){5}$/);
    const ports = { proxyPort: server.activePort, clientPort: client.dataPort, withoutConsent: true };
    await server.sends("502 No such command");
    await client.gets("502 No such command");
    await anchor.holdsActive(ports);
    await downloadsActively(stage);
    await anchor.holdsActive(ports);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    classic: fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
