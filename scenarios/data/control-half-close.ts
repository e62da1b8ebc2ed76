import { fails, logsIn, scenario } from "anchorage";

export default scenario({
  title: "A client that half-closes its control connection",
  quirk:
    "`printf … | nc` sends its last command, then FIN, and waits for the reply. ftp-proxy(8) takes the FIN for the end of the session: it closes both sides, and the reply never comes.",
  sources: ["RFC 959 §5.2", "ftp-proxy.c 1.41: client_error", "captures/quirks/control-half-close.txt"],
  priority: 1,
  async play(stage) {
    const { client, server, anchor, log } = stage;
    await logsIn(stage);
    await client.sends("STAT");
    await client.halfCloses();
    await server.gets("STAT");
    await server.seesClose();
    await stage.wait(400);
    await server.sends("211 All is well");
    await client.seesClose();
    await log.says("client close");
    await anchor.isEmpty();
  },
  expect: {
    "ftp-proxy": fails({ by: "proxy", at: "the 211", notice: "connection closed" }),
  },
});
