import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "REST, APPE and STOU after a passive command",
  who: "Resuming clients send REST between the 227 and RETR, scanners store with STOU. None of it concerns ftp-proxy(8): it passes, and the rules stay as they are.",
  sources: ["RFC 1123 §4.1.2.9", "RFC 3659 §5", "captures/quirks/rest-appe-stou.txt"],
  priority: 3,
  topic: "commands",
  modes: ["passive"],
  errands: ["store", "store"],
  commands: { STOR: ({ argument }) => `APPE ${argument}` },
  async transfers(client, wish) {
    await client.asks("REST", "0");
    return client.transfers(wish);
  },
});
