import { entersActiveMode, fails, logsIn, quits, says, scenario } from "anchorage";

export default scenario({
  title: "An active port that the client's own packet filter refuses by ICMP",
  quirk:
    "Personal firewalls forget that FTP dials back, and REJECT answers the server's SYN with ICMP port unreachable. PF translates the quoted packet back for the server, which can tell the client at once that the data connection failed.",
  sources: [
    "RFC 5508 §4.2",
    "RFC 1122 §4.2.3.9",
    "iptables-extensions(8) REJECT",
    "quirks-seen: data-icmp-unreachable",
  ],
  priority: 3,
  modes: ["active"],
  needs: ["icmp-refusal"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await entersActiveMode(stage);
    await client.refusesDataByIcmp();
    await says(client, server, "RETR file", "150 Here it comes");
    await server.cannotDialData("refused");
    await server.sends("425 Cannot open data connection");
    await client.gets(425);
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "client", at: "data connection", notice: "425" }),
    conntrack: fails({ by: "client", at: "data connection", notice: "425" }),
    none: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "translation", at: "PORT", notice: "425" })
        : fails({ by: "firewall", at: "data connection", notice: "425" }),
  },
});
