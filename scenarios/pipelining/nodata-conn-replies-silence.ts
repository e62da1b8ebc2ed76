import { entersActiveMode, fails, logsIn, quits, scenario } from "anchorage";

export default scenario({
  title: "Silence instead of a data connection",
  quirk:
    "The server says 150, or nothing at all, and never dials. Nothing in ftp-proxy(8) grows tired of that: the rules stay as long as the session does, and the client has to give up.",
  sources: ["curl NODATACONN, NODATACONN150, tests 1208 and 1209", "captures/quirks/nodata-conn-replies.silence.txt"],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await entersActiveMode(stage);
    await client.sends("RETR file");
    await server.gets("RETR file");
    await server.sends("150 Here it comes");
    await client.gets("150 Here it comes");
    await client.isLeftAlone(stage.abridged(120_000));
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: client.dataPort,
      extended: family === "inet6",
    });
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "RETR", notice: "connection closed" }),
    conntrack: fails({ by: "server", at: "RETR", notice: "connection closed" }),
    none: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "translation", at: "PORT", notice: "connection closed" })
        : fails({ by: "server", at: "RETR", notice: "connection closed" }),
  },
});
