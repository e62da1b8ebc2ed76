import { downloadsActively, extendedHostPort, fails, logsIn, quits, rewrittenEprt, scenario } from "anchorage";

export default scenario({
  title: "EPRT with an address of the other family",
  quirk:
    "A client with two families names the one on which its control connection does not run. ftp-proxy(8) reads only the port and writes the command anew in the family that it has: the server need not answer 522, and the data arrives.",
  sources: [
    "RFC 2428 §2",
    "Castaglia/proftpd-mod_proxy #113",
    "captures/quirks/eprt-wrong-family.txt",
    "captures/quirks/eprt-wrong-family.inet6.txt",
  ],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    const other =
      family === "inet"
        ? ({ family: "inet6", address: "2001:db8:77::2" } as const)
        : ({ family: "inet", address: "10.77.0.2" } as const);
    await logsIn(stage);
    await client.listensForData();
    await client.sends(`EPRT ${extendedHostPort(other.family, { address: other.address, port: client.dataPort })}`);
    await server.gets(rewrittenEprt(stage));
    await server.sends("200 EPRT command successful");
    await client.gets(200);
    await anchor.holdsActive({ proxyPort: server.activePort, clientPort: client.dataPort, extended: true });
    await downloadsActively(stage);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    conntrack: fails({ by: "network", at: "EPRT", notice: "hangs" }),
    none: fails({ by: "translation", at: "EPRT", notice: "hangs" }),
  },
});
