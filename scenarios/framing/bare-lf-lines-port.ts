import { activeCommand, downloadsActively, fails, logsIn, quits, rewrittenActive, scenario, works } from "anchorage";

export default scenario({
  title: "Active mode in lines that end in a bare LF",
  quirk:
    "A client that ends its PORT or EPRT with LF alone. ftp-proxy(8) takes it for a line and sends its own command on, with CR LF.",
  sources: ["RFC 1123 §4.1.2.10", "pure-ftpd src/ftp_parser.c", "quirks-seen: bare-lf-lines, port"],
  priority: 1,
  modes: ["active"],
  async play(stage) {
    const { client, server, anchor, family } = stage;
    await logsIn(stage);
    await client.listensForData();
    await client.sendsSegments(`${activeCommand(family, client)}\n`);
    await server.gets(rewrittenActive(stage));
    await server.sends("200 Command successful");
    await client.gets("200 Command successful");
    await anchor.holdsActive({
      proxyPort: server.activePort,
      clientPort: client.dataPort,
      extended: family === "inet6",
    });
    await downloadsActively(stage);
    await quits(stage);
  },
  expect: {
    conntrack: ({ family }) => (family === "inet" ? fails({ by: "network", at: "PORT", notice: "hangs" }) : works),
  },
});
