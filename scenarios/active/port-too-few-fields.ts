import { fails, logsIn, proxyRefusesCommand, scenario } from "anchorage";

export default scenario({
  title: "PORT with a number too few",
  quirk:
    "A write cut short leaves PORT with five numbers; Cisco's inspection calls it a truncated command. ftp-proxy(8) finds no port, ends the session, and the server never sees the command.",
  sources: [
    "RFC 959 §5.3.2",
    "Cisco ASA guide, ftp inspection",
    "captures/quirks/port-too-few-fields.txt",
    "captures/openbsd-7.8/port_short.txt",
  ],
  priority: 2,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client } = stage;
    await logsIn(stage);
    await client.listensForData();
    await proxyRefusesCommand(stage, `PORT ${client.hostPort.replace(/,\d+$/, "")}`);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "connection closed" }),
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
    none: fails({ by: "server", at: "PORT", notice: "501" }),
  },
});
