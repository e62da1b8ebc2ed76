import { quits, says, scenario } from "anchorage";

export default scenario({
  title: "A greeting after 28 seconds",
  quirk:
    "A server looks up names, or is a tarpit, before it says 220. ftp-proxy(8) gives it 30 s from the connect to its first byte; this one is just in time, and then waits as long as it likes.",
  sources: ["RFC 959 §5.4", "ftp-proxy.c 1.41: CONNECT_TIMEOUT"],
  priority: 1,
  needs: ["long-waits"],
  async play(stage) {
    const { client, server } = stage;
    await client.connects();
    await server.accepts();
    await client.hearsNothing(28_000);
    await server.sends("220 Ready at last");
    await client.gets("220 Ready at last");
    await stage.wait(stage.abridged(40_000));
    await says(client, server, "USER anonymous", "331 Any password will do");
    await quits(stage);
  },
});
