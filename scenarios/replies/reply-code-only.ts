import { quits, says, scenario } from "anchorage";

export default scenario({
  title: "Replies that are a code and nothing else",
  quirk:
    "Terse servers send three digits and the line's end, without the blank that RFC 959 asks for. ftp-proxy(8) sends them on.",
  sources: ["RFC 959 §4.2", "commons-net FTP.java setStrictReplyParsing", "quirks-seen: reply-code-only"],
  priority: 3,
  async play(stage) {
    const { client, server, anchor } = stage;
    await client.connects();
    await server.accepts();
    await server.sends("220");
    await client.gets("220");
    await says(client, server, "USER anonymous", "331");
    await says(client, server, "PASS guest@example.org", "230");
    await anchor.isEmpty();
    await quits(stage);
  },
});
