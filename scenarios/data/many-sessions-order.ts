import { logsIn, passiveReply, quits, type ScriptedClient, type ScriptedServer, scenario } from "anchorage";

const FILE = "a short file\r\n";

export default scenario({
  title: "Twelve sessions, listed in the order of their names",
  quirk:
    "PF keeps anchors by name, and names are text: session 10 comes before session 2. Rules of one session never shadow another's, whatever the order; each data connection reaches its own server port.",
  sources: ["ftp-proxy.md §11", "captures/openbsd-7.8/many_sessions_order.txt"],
  priority: 2,
  modes: ["passive"],
  sessions: 12,
  async play(stage) {
    const { family, anchor } = stage;
    const command = family === "inet" ? "PASV" : "EPSV";
    const sessions: { client: ScriptedClient; server: ScriptedServer; name: string }[] = [];
    for (let number = 1; number <= 12; number++) {
      const client = number === 1 ? stage.client : stage.client.another();
      const server = number === 1 ? stage.server : stage.server.another();
      sessions.push({ client, server, name: String(number) });
      await logsIn({ ...stage, client, server });
      await client.sends(command);
      await server.gets(command);
      await server.listensForData();
      await server.sends(passiveReply(family, server));
      await client.gets(family === "inet" ? 227 : 229);
    }
    const byName = sessions.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    await anchor.holdsTogether(
      byName.map(({ client, server }) => ({
        mode: "passive",
        proxyPort: client.passivePort,
        serverPort: server.dataPort,
      })),
    );
    for (const { client, server } of sessions) {
      const fetching = await client.opensData();
      const serving = await server.acceptsData();
      await serving.sendsFile(FILE);
      await fetching.getsFile(FILE);
    }
    for (const { client, server } of sessions) await quits({ ...stage, client, server });
    await anchor.isEmpty();
  },
});
