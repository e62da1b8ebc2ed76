import { quirkyClient } from "anchorage";

export default quirkyClient({
  title: "A last command without an end of line",
  who: "A client crashes, or is cut off, in the midst of its QUIT. ftp-proxy(8) never sends the piece on; the server sees the end alone.",
  sources: ["ftp-proxy.c 1.41: end_session", "captures/quirks/partial-line-at-eof.client.txt"],
  topic: "framing",
  async does(client, errands) {
    await client.connects();
    await client.logsIn();
    for (const errand of errands) await client.does(errand);
    await client.writes({ in: ["QUI"] });
  },
});
