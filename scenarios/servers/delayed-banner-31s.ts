import { fails, quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A greeting after 31 seconds",
  who: "The server has accepted, and its greeting is one second too late. ftp-proxy(8) ends the session after 30 s without a byte: no 421, the client sees the end alone.",
  sources: ["ftp-proxy.c 1.41: CONNECT_TIMEOUT", "quirks-seen: delayed-banner"],
  priority: 1,
  topic: "timing",
  needs: ["long-waits"],
  async begins(session) {
    await session.waits(31_000);
    await session.replies("greeting");
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed", log: "server timeout" }),
  },
});
