import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "AUTH TLS first, plain text when it is refused",
  who: "The client asks for TLS, the server knows none, and the client goes on in plain text. For ftp-proxy(8) that is a session like others; for users behind it, the way that works.",
  sources: ["RFC 4217 §4", "curl tests 983 and 986", "quirks-seen: auth-refused-fallback"],
  topic: "tls",
  modes: ["passive"],
  async does(client, errands) {
    await client.connects();
    await client.asks("AUTH", "TLS");
    await client.asks("AUTH", "SSL");
    await client.logsIn();
    for (const errand of errands) await client.does(errand);
    await client.quits();
  },
});
