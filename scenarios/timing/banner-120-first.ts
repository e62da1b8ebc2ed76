import { quits, says, scenario } from "anchorage";

export default scenario({
  title: "A greeting that begins with 120",
  quirk:
    "RFC 959 lets a server say `120 Service ready in n minutes` first. That first byte ends the 30 s of ftp-proxy(8), so the 220 may take its time.",
  sources: ["RFC 959 §5.4", "ftp-proxy.c 1.41: server_read"],
  priority: 3,
  needs: ["long-waits"],
  async play(stage) {
    const { client, server } = stage;
    await client.connects();
    await server.accepts();
    await server.sends("120 Ready in 1 minute");
    await client.gets("120 Ready in 1 minute");
    await client.hearsNothing(31_000);
    await server.sends("220 Ready");
    await client.gets("220 Ready");
    await says(client, server, "USER anonymous", "331 Any password will do");
    await quits(stage);
  },
});
