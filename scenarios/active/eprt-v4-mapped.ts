import { fails, logsIn, proxyRefusesCommand, scenario } from "anchorage";

export default scenario({
  title: "EPRT with an IPv4 address in IPv6 form",
  quirk:
    "A socket for both families calls its IPv4 address `::ffff:10.0.0.5`, and a client prints that. The dots are no part of an IPv6 address to ftp-proxy(8): it finds no port and ends the session.",
  sources: [
    "RFC 2428 §2",
    "Castaglia/proftpd-mod_proxy #128",
    "captures/quirks/eprt-v4-mapped.txt",
    "captures/quirks/eprt-v4-mapped.inet6.txt",
  ],
  priority: 2,
  modes: ["active"],
  async play(stage) {
    const { client } = stage;
    await logsIn(stage);
    await client.listensForData();
    await proxyRefusesCommand(stage, `EPRT |2|::ffff:10.0.0.5|${client.dataPort}|`);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "EPRT", notice: "connection closed" }),
    conntrack: ({ family }) =>
      family === "inet"
        ? fails({ by: "network", at: "EPRT", notice: "hangs" })
        : fails({ by: "server", at: "EPRT", notice: "501" }),
    none: fails({ by: "server", at: "EPRT", notice: "501" }),
  },
});
