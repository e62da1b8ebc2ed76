import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "PORT again and again",
  who: "Some clients say PORT over and over before they transfer anything. Each one replaces the rules of the one before: only the last port that the server was told leads to the client.",
  sources: ["RFC 959 §4.1.2", "pure-ftpd src/ftpd.c doport", "captures/quirks/port-several-last-wins.txt"],
  priority: 1,
  modes: ["active"],
  async transfers(client, wish) {
    for (let count = 0; count < 3; count++) await client.negotiates(...client.plainNegotiation("active"));
    return client.transfers(wish);
  },
});
