import { fails, logsIn, proxyRefusesCommand, scenario } from "anchorage";

export default scenario({
  title: "PORT with blanks after the commas",
  quirk:
    "A script writes the six numbers as prose. ftp-proxy(8) starts to read at the last blank, which is now inside the address: it finds no port and ends the session.",
  sources: ["RFC 959 §5.3.2", "ftp-proxy.c 1.41 parse_port", "captures/quirks/port-spaces-inside.txt"],
  priority: 2,
  modes: ["active"],
  families: ["inet"],
  async play(stage) {
    const { client } = stage;
    await logsIn(stage);
    await client.listensForData();
    await proxyRefusesCommand(stage, `PORT ${client.hostPort.replaceAll(",", ", ")}`);
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "PORT", notice: "connection closed" }),
    conntrack: fails({ by: "network", at: "PORT", notice: "hangs" }),
    none: ({ side }) =>
      side === "forward"
        ? fails({ by: "translation", at: "PORT", notice: "501" })
        : fails({ by: "server", at: "PORT", notice: "501" }),
  },
});
