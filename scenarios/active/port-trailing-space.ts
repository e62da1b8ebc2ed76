import { fails, logsIn, proxyRefusesCommand, scenario } from "anchorage";

export default scenario({
  title: "PORT with a blank at the end of the line",
  quirk:
    "A hand-made client puts a blank before the end of the line, and no server minds. ftp-proxy(8) starts to read at the last blank of the line, behind the numbers: it finds no port and ends the session.",
  sources: ["RFC 959 §5.3.2", "ftp-proxy.c 1.41 parse_port", "captures/quirks/port-trailing-space.txt"],
  priority: 1,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client } = stage;
    await logsIn(stage);
    await client.listensForData();
    await proxyRefusesCommand(stage, `PORT ${client.hostPort} `);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "connection closed" }),
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
  },
});
