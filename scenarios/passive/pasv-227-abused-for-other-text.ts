import { entersPassiveMode, fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A 227 that says goodbye",
  quirk:
    "pure-ftpd, when a transfer took too long, sent `227 Logout.` and closed; Linux dropped that packet again and again, and neither end could close. For ftp-proxy(8) it is a line like any other: it passes, and the rules of an earlier PASV stay until the session ends.",
  sources: [
    "RFC 959 §4.2.2",
    "jedisct1/pure-ftpd PR #175",
    "captures/quirks/pasv-227-abused-for-other-text.after_pasv.txt",
  ],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server, anchor } = stage;
    await logsIn(stage);
    await entersPassiveMode(stage);
    await server.sends("227 Logout.");
    await client.gets("227 Logout.");
    await server.closes();
    await client.seesClose();
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "server", at: ["the 227", "the 229"], notice: "connection closed" }),
    conntrack: fails({ by: "client", at: ["the 227", "the 229"], notice: "hangs" }),
    none: fails({ by: "server", at: ["the 227", "the 229"], notice: "connection closed" }),
  },
});
