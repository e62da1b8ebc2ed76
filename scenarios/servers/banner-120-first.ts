import { quirkyServer } from "anchorage";

export default quirkyServer({
  title: "A greeting that begins with 120",
  who: "RFC 959 lets a server say `120 Service ready in n minutes` first. That first byte ends the 30 s of ftp-proxy(8), so the 220 may take its time.",
  sources: ["RFC 959 §5.4", "ftp-proxy.c 1.41: server_read"],
  priority: 3,
  topic: "timing",
  needs: ["long-waits"],
  async begins(session) {
    await session.says("120 Ready in 1 minute");
    await session.waits(31_000);
    await session.replies("greeting");
  },
});
