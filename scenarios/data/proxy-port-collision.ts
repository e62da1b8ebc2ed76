import {
  Deviation,
  fails,
  hostPort,
  logsIn,
  type ScriptedClient,
  type ScriptedServer,
  says,
  scenario,
} from "anchorage";

interface Session {
  readonly client: ScriptedClient;
  readonly server: ScriptedServer;
  /** The end of its anchor's name. */
  readonly name: string;
  /** Where the server says that it waits: below the 49152 to 65534 of ftp-proxy.c 1.41, pick_proxy_port. */
  readonly serverPort: number;
}

/** A socket of each must fit into the 128 that login.conf(5) gives to the firewall's root, twice. */
const SESSIONS = 50;
/** In one of a million plays so many draws meet no port of the others. */
const DRAWS = 4_700;
const FILE = "the file of the first session\r\n";

export default scenario({
  title: "Two sessions with one port of the proxy's",
  quirk:
    "ftp-proxy(8) draws its ports at random and compares them with none, so among fifty sessions that negotiate on and on two soon have the same. Whichever client dials first is led to the session whose anchor comes first, and gets a file that was not for it; the other one's SYN meets `max 1` and is dropped, although its own rules wait in the next anchor.",
  sources: ["ftp-proxy.c 1.41: pick_proxy_port", "captures/quirks/proxy-port-collision.txt"],
  priority: 3,
  modes: ["passive"],
  families: ["inet"],
  sessions: SESSIONS,
  async play(stage) {
    const sessions: Session[] = [];
    const enter = async (number: number): Promise<Session> => {
      const client = number === 1 ? stage.client : stage.client.another();
      const server = number === 1 ? stage.server : stage.server.another();
      await logsIn({ ...stage, client, server });
      return { client, server, name: String(number), serverPort: 20_000 + number };
    };
    const negotiate = async ({ client, server, serverPort }: Session): Promise<void> => {
      await client.sends("PASV");
      await server.gets("PASV");
      await server.sends(`227 Entering Passive Mode (${hostPort({ address: server.address, port: serverPort })})`);
      await client.gets(227);
      await stage.step("client", "is told a port of the proxy's", (_, differs) => {
        if (client.passivePort === serverPort) differs("dialogue", "another port", "the server's");
      });
    };
    const alike = ({ client }: Session) => sessions.filter((one) => one.client.passivePort === client.passivePort);

    let pair: Session[] = [];
    for (let draw = 0; pair.length < 2 && draw < DRAWS; draw++) {
      const session = sessions[draw % SESSIONS] ?? (await enter(draw + 1));
      if (!sessions.includes(session)) sessions.push(session);
      await negotiate(session);
      pair = alike(session);
    }
    const [first, second] = pair.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    if (first === undefined || second === undefined) throw new Deviation("silence", "one port twice", "none");

    for (const { client, server } of sessions.filter((one) => !pair.includes(one))) {
      await client.closes();
      await server.seesClose();
    }
    await stage.anchor.holdsTogether(
      [first, second].map(({ client, serverPort }) => ({
        mode: "passive",
        proxyPort: client.passivePort,
        serverPort,
      })),
    );
    for (const { server, serverPort } of pair) await server.listensForData(serverPort);
    const astray = await second.client.opensData();
    const serving = await first.server.acceptsData();
    await first.client.cannotOpenData("no-answer");
    await serving.sendsFile(FILE);
    await astray.getsFile(FILE);
    for (const { client, server } of pair) await says(client, server, "QUIT", "221 Goodbye");
  },
  expect: {
    conntrack: fails({ by: "client", at: "the 227", notice: "hangs" }),
    none: ({ side }) =>
      side === "forward"
        ? fails({ by: "client", at: "the 227", notice: "hangs" })
        : fails({ by: "translation", at: "the 227", notice: "hangs" }),
  },
});
