import { entersPassiveMode, fails, logsIn, quits, says, scenario } from "anchorage";

export default scenario({
  title: "A passive port that the server's own packet filter refuses by ICMP",
  quirk:
    "REJECT rules answer a SYN with ICMP port unreachable, which quotes it as both translations have made it. PF finds the state by the quoted packet and translates that back, so that the client learns what became of its own SYN. Linux then gives up at once, an OpenBSD client goes on trying.",
  sources: [
    "RFC 5508 §4.2",
    "RFC 1122 §4.2.3.9",
    "iptables-extensions(8) REJECT",
    "captures/quirks/data-icmp-unreachable.txt",
  ],
  priority: 3,
  modes: ["passive"],
  needs: ["icmp-refusal"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await entersPassiveMode(stage);
    await server.refusesDataByIcmp();
    await client.cannotOpenData("refused");
    await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
    await says(client, server, "RETR file", "425 Cannot open data connection");
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "data connection", notice: "425" }),
    conntrack: fails({ by: "server", at: "data connection", notice: "425" }),
    none: ({ side, family }) =>
      family === "inet" && side === "reverse"
        ? fails({ by: "translation", at: "the 227", notice: "425" })
        : fails({ by: "firewall", at: "data connection", notice: "425" }),
  },
});
