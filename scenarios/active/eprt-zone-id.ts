import { fails, logsIn, proxyRefusesCommand, scenario } from "anchorage";

export default scenario({
  title: "EPRT with a zone in its address",
  quirk:
    "A client on a link-local address prints it with its interface, `fe80::1%em0`. That is no address to ftp-proxy(8), which takes hexadecimal digits and colons only: it finds no port and ends the session.",
  sources: ["RFC 2428 §2", "RFC 4007 §11", "curl KNOWN_BUGS", "captures/quirks/eprt-zone-id.inet6.txt"],
  priority: 2,
  modes: ["active"],
  families: ["inet6"],
  async play(stage) {
    const { client } = stage;
    await logsIn(stage);
    await client.listensForData();
    await proxyRefusesCommand(stage, `EPRT |2|fe80::1%em0|${client.dataPort}|`);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "EPRT", notice: "connection closed" }),
    conntrack: fails({ by: "network", at: "EPRT", notice: "hangs" }),
    none: fails({ by: "server", at: "EPRT", notice: "501" }),
  },
});
