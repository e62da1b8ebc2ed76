import { downloadsPassively, entersPassiveMode, quits, says, scenario } from "anchorage";

export default scenario({
  title: "AUTH TLS, refused by the server",
  quirk:
    "The server knows no TLS, the client goes on in plain text. For ftp-proxy(8) that is a session like others; for users behind it, the way that works.",
  sources: ["RFC 4217 §4", "curl tests 983 and 986", "quirks-seen: auth-refused-fallback"],
  priority: 2,
  modes: ["passive"],
  async play(stage) {
    const { client, server } = stage;
    await client.connects();
    await server.accepts();
    await server.sends("220 Ready");
    await client.gets("220 Ready");
    await says(client, server, "AUTH TLS", "502 No TLS here");
    await says(client, server, "AUTH SSL", "502 No SSL either");
    await says(client, server, "USER anonymous", "331 Any password will do");
    await says(client, server, "PASS guest@example.org", "230 Logged in");
    await entersPassiveMode(stage);
    await downloadsPassively(stage);
    await quits(stage);
  },
});
