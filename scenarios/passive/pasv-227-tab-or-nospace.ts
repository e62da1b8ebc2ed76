import { downloadsPassively, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A 227 with a tab or nothing after the code",
  quirk:
    "Hand-written servers forget the blank that RFC 959 wants after the code. What ftp-proxy(8) waits for is `227` and a blank: both forms pass as they are, no rule is loaded, and the client that reads them dials a closed firewall.",
  sources: [
    "RFC 959 §4.2",
    "captures/quirks/pasv-227-tab-or-nospace.tab.txt",
    "captures/quirks/pasv-227-tab-or-nospace.nospace.txt",
  ],
  priority: 3,
  modes: ["passive"],
  families: ["inet"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await server.listensForData();
    for (const reply of [`227\tEntering Passive Mode (${server.hostPort})`, `227(${server.hostPort})`]) {
      await client.sends("PASV");
      await server.gets("PASV");
      await server.sends(reply);
      await client.gets(reply);
      await anchor.isEmpty();
    }
    await downloadsPassively(stage);
  },
  expect: {
    "ftp-proxy": ({ side }) =>
      side === "forward"
        ? fails({ by: "firewall", at: "data connection", notice: "hangs" })
        : fails({ by: "translation", at: "the 227", notice: "hangs" }),
    conntrack: ({ side }) =>
      side === "forward"
        ? fails({ by: "firewall", at: "data connection", notice: "hangs" })
        : fails({ by: "translation", at: "the 227", notice: "hangs" }),
  },
});
