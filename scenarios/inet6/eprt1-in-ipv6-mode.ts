import { downloadsActively, fails, logsIn, quits, rewrittenEprt, scenario } from "anchorage";

export default scenario({
  title: "EPRT with an IPv4 address over IPv6",
  quirk:
    "A dual-stack client takes the wrong family. ftp-proxy(8) reads the port only and writes the command anew with its own IPv6 address, so that it works after all.",
  sources: ["RFC 2428 §2", "proftpd-mod_proxy #113", "captures/native/eprt_v4_on_v6.txt"],
  priority: 2,
  modes: ["active"],
  families: ["inet6"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sends(`EPRT |1|10.0.0.2|${client.dataPort}|`);
    await server.gets(rewrittenEprt(stage));
    await server.sends("200 Command successful");
    await client.gets("200 Command successful");
    await anchor.holdsActive({ proxyPort: server.activePort, clientPort: client.dataPort, extended: true });
    await downloadsActively(stage);
    await quits(stage);
  },
  expect: {
    conntrack: fails({ by: "network", at: "EPRT", notice: "hangs" }),
    none: fails({ by: "translation", at: "EPRT", notice: "hangs" }),
  },
});
