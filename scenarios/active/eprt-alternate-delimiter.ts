import { extendedHostPort, fails, logsIn, proxyRefusesCommand, scenario, works } from "anchorage";

export default scenario({
  title: "EPRT with exclamation marks",
  quirk:
    "RFC 2428 lets a client choose its delimiter. ftp-proxy(8) knows only the bar: it finds no port and ends the session, and the server never sees the command.",
  sources: ["RFC 2428 §2", "captures/quirks/eprt-alternate-delimiter.txt"],
  priority: 2,
  modes: ["active"],
  async play(stage) {
    const { client, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    const { address, dataPort: port } = client;
    await proxyRefusesCommand(stage, `EPRT ${extendedHostPort(family, { address, port }).replaceAll("|", "!")}`);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "EPRT", notice: "connection closed" }),
    conntrack: ({ side, family }) =>
      family === "inet6" && side === "reverse" ? fails({ by: "server", at: "EPRT", notice: "501" }) : works,
    none: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "translation", at: "EPRT", notice: "hangs" })
        : fails({ by: "firewall", at: "data connection", notice: "hangs" }),
  },
});
