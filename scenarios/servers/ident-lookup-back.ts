import { fails, quirkyServer } from "anchorage";

/** RFC 1413. */
const IDENT_PORT = 113;
/** wu-ftpd and ProFTPD wait 10 to 30 s and more for an answer, as connect(2) does. */
const PATIENCE_MS = 32_000;

export default quirkyServer({
  title: "A server that asks ident before it greets",
  who: "wu-ftpd and ProFTPD dial the client's port 113, and for them the client is the firewall. Where the firewall drops that SYN, the server greets when it has given up: too late for the 30 s of ftp-proxy(8). Users see a server that hangs and then hangs up.",
  sources: ["RFC 1413", "ftp-proxy.c 1.41: CONNECT_TIMEOUT", "captures/quirks/ident-lookup-back.drop_32s.txt"],
  topic: "timing",
  needs: ["long-waits"],
  async begins(session) {
    await session.dialsBack(IDENT_PORT, PATIENCE_MS);
    await session.replies("greeting");
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed", log: "server timeout" }),
  },
});
