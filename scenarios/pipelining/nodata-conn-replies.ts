import { entersActiveMode, fails, logsIn, quits, says, scenario } from "anchorage";

export default scenario({
  title: "425 instead of a data connection",
  quirk:
    "The server takes the PORT or EPRT and then says that it cannot dial. ftp-proxy(8) does not read the reply: its rules stay until the next command of that kind or the end.",
  sources: ["RFC 959 §5.4", "curl NODATACONN425, test1206", "captures/quirks/nodata-conn-replies.425.txt"],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await entersActiveMode(stage);
    await says(client, server, "RETR file", "425 Cannot open data connection");
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: client.dataPort,
      extended: family === "inet6",
    });
    await quits(stage);
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: "RETR", notice: "425" }),
    conntrack: fails({ by: "server", at: "RETR", notice: "425" }),
    none: ({ side, family }) =>
      family === "inet" && side === "forward"
        ? fails({ by: "translation", at: "PORT", notice: "425" })
        : fails({ by: "server", at: "RETR", notice: "425" }),
  },
});
