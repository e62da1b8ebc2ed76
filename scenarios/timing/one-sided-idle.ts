import { fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A silent client and a talkative server",
  quirk:
    "The server sends a line every second; the client says nothing. Each side has a timer of its own in ftp-proxy(8), reset only by its own bytes: with -t 5 the session ends five seconds after the client's last one.",
  sources: ["ftp-proxy.c 1.41", "captures/quirks/one-sided-idle.txt"],
  priority: 3,
  proxyArgs: ["-t", "5"],
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    for (const line of ["200 one", "200 two", "200 three"]) {
      await server.sends(line);
      await client.gets(line);
      await stage.wait(900);
    }
    await client.seesClose(3_000);
    await server.seesClose();
    await log.says("client timeout");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "control connection", notice: "connection closed" }),
  },
});
