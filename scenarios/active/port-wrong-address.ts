import { downloadsActively, fails, hostPort, logsIn, quits, rewrittenPort, scenario } from "anchorage";

/** What the client takes for its address, behind a NAT of its own or in an emulator. */
const IMAGINED = "10.28.14.115";

export default scenario({
  title: "PORT with another address than the client's",
  quirk:
    "A client behind one more NAT, or in an emulated Mac, names an address that nobody else knows. ftp-proxy(8) reads only the port: the server is told the proxy's address, and what it sends there goes to the client of the control connection.",
  sources: ["RFC 2577 §3", "ftp-proxy(8) CAVEATS", "jedisct1/pure-ftpd #55", "captures/quirks/port-wrong-address.txt"],
  priority: 1,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sends(`PORT ${hostPort({ address: IMAGINED, port: client.dataPort })}`);
    await server.gets(rewrittenPort(stage));
    await server.sends("200 PORT command successful");
    await client.gets(200);
    await anchor.holdsActive({ proxyPort: server.activePort, clientPort: client.dataPort });
    await downloadsActively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    conntrack: fails({ by: "translation", at: "PORT", notice: "hangs" }),
    none: fails({ by: "translation", at: "PORT", notice: "hangs" }),
  },
});
