import { quirkyServer } from "anchorage";

const PIECES = ["2", "20 Re", "ady\r\n"];
/** Longer than a busy client takes to read what has come. */
const PAUSE_MS = 150;

export default quirkyServer({
  title: "A greeting in pieces, cut inside its code",
  who: "A slow server writes its greeting bit by bit, and the first piece ends inside the code. A client that reads segments for lines waits for ever; ftp-proxy(8) waits for the end of the line and sends it on whole.",
  sources: ["RFC 1123 §4.1.2.10", "curl tests/ftpserver.pl SLOWDOWN", "docs/reference/clients.jsonl"],
  topic: "replies",
  async begins(session) {
    for (const piece of PIECES) {
      await session.says({ in: [piece] });
      await session.waits(PAUSE_MS);
    }
  },
});
