import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A greeting after 28 seconds",
  who: "A server looks up names, or is a tarpit, before it says 220. ftp-proxy(8) gives it 30 s from the connect to its first byte; this one is just in time.",
  sources: ["RFC 959 §5.4", "ftp-proxy.c 1.41: CONNECT_TIMEOUT"],
  priority: 1,
  topic: "timing",
  needs: ["long-waits"],
  async begins(session) {
    await session.waits(28_000);
    await session.replies("greeting");
  },
});
