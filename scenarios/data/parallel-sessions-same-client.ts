import { logsIn, passiveReply, quits, type ScriptedClient, type ScriptedServer, scenario } from "anchorage";

/** Not all alike, so that data in the wrong session would show. */
const fileOf = (session: number): string => `the file of session ${session}\r\n`;

export default scenario({
  title: "Four sessions of one client at once",
  quirk:
    "FileZilla, lftp mirror and browsers open several control connections and ask for data on all of them. ftp-proxy(8) keeps an anchor for each, with a port of its own; each data connection must reach its own server port.",
  sources: ["ftp-proxy.c 1.41", "captures/quirks/parallel-sessions-same-client.txt"],
  priority: 1,
  modes: ["passive"],
  sessions: 4,
  async play(stage) {
    const { family, anchor } = stage;
    const command = family === "inet" ? "PASV" : "EPSV";
    const sessions: { client: ScriptedClient; server: ScriptedServer; number: number }[] = [];
    for (const number of [1, 2, 3, 4]) {
      const client = number === 1 ? stage.client : stage.client.another();
      const server = number === 1 ? stage.server : stage.server.another();
      sessions.push({ client, server, number });
      await logsIn({ ...stage, client, server });
    }
    for (const { client } of sessions) await client.sends(command);
    for (const { client, server } of sessions) {
      await server.gets(command);
      await server.listensForData();
      await server.sends(passiveReply(family, server));
      await client.gets(family === "inet" ? 227 : 229);
    }
    await anchor.holdsTogether(
      sessions.map(({ client, server }) => ({
        mode: "passive",
        proxyPort: client.passivePort,
        serverPort: server.dataPort,
      })),
    );
    for (const { client, server, number } of sessions.toReversed()) {
      const fetching = await client.opensData();
      const serving = await server.acceptsData();
      await serving.sendsFile(fileOf(number));
      await fetching.getsFile(fileOf(number));
    }
    for (const { client, server } of sessions) await quits({ ...stage, client, server });
    await anchor.isEmpty();
  },
});
