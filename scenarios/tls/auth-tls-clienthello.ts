import { clientHello, fails, says, scenario } from "anchorage";

export default scenario({
  title: "AUTH TLS, accepted by the server",
  quirk:
    "Every modern client tries TLS first. AUTH and 234 pass, then comes a ClientHello: for ftp-proxy(8) a line with NUL bytes. It ends the session without a word; since 7.8 its manual says that it breaks explicit FTPS.",
  sources: ["RFC 4217 §4", "ftp-proxy(8) CAVEATS", "captures/quirks/auth-tls-clienthello.txt"],
  priority: 1,
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await client.connects();
    await server.accepts();
    await server.sends("220 Ready");
    await client.gets("220 Ready");
    await says(client, server, "AUTH TLS", "234 Go ahead");
    await client.sendsBinary(clientHello);
    await client.seesClose();
    await server.seesClose();
    await log.says("client command too long or not clean");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "TLS", notice: "connection closed" }),
  },
});
