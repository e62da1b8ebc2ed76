import { entersPassiveMode, fails, logsIn, quits, says, scenario } from "anchorage";

export default scenario({
  title: "A passive port that is closed when the client comes",
  quirk:
    "The server has died or changed its mind. Its RST must come back through both translations, from the address that the client dialled, so that the client learns at once.",
  sources: ["pf.conf(5) rdr-to, nat-to", "captures/quirks/data-port-closed.txt"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await entersPassiveMode(stage);
    await server.stopsListening();
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
