/**
 * Parts of the dialogue that most plays share, so that a scenario shows only its quirk.
 *
 * @example
 * await logsIn(stage);
 * await entersPassiveMode(stage);
 * await downloadsPassively(stage);
 */

import type { Stage } from "../../contract/scenario.ts";
import type { Family } from "../../pf/packet.ts";
import type { ScriptedClient } from "./scripted-client.ts";
import type { ScriptedServer } from "./scripted-server.ts";

export type ScriptedStage = Stage<ScriptedClient, ScriptedServer>;

/** The client connects and logs in as anonymous. */
export async function logsIn({ client, server }: ScriptedStage): Promise<void> {
  await client.connects();
  await server.accepts();
  await server.sends("220 Ready");
  await client.gets("220 Ready");
  await says(client, server, "USER anonymous", "331 Any password will do");
  await says(client, server, "PASS guest@example.org", "230 Logged in");
}

/** One command and its reply, both unchanged on the way. */
export async function says(
  client: ScriptedClient,
  server: ScriptedServer,
  command: string,
  reply: string,
): Promise<void> {
  await client.sends(command);
  await server.gets(command);
  await server.sends(reply);
  await client.gets(reply);
}

/** PASV over IPv4, EPSV over IPv6, with reply and rules: the server listens, the client knows where to dial. */
export async function entersPassiveMode({ family, client, server, anchor }: ScriptedStage): Promise<void> {
  const command = family === "inet" ? "PASV" : "EPSV";
  await client.sends(command);
  await server.gets(command);
  await server.listensForData();
  await server.sends(passiveReply(family, server));
  await client.gets(family === "inet" ? 227 : 229);
  await anchor.holdsPassive({ proxyPort: client.passivePort, serverPort: server.dataPort });
}

/** The 227 or 229 of a server that listens for data. */
export const passiveReply = (family: Family, server: ScriptedServer): string =>
  family === "inet"
    ? `227 Entering Passive Mode (${server.hostPort})`
    : `229 Entering Extended Passive Mode (|||${server.dataPort}|)`;

/** PORT over IPv4, EPRT over IPv6, with reply and rules: the client listens, the server knows where to dial. */
export async function entersActiveMode({ family, client, server, anchor }: ScriptedStage): Promise<void> {
  await client.listensForData();
  await client.sends(activeCommand(family, client));
  await server.gets(family === "inet" ? /^PORT \d+(,\d+){5}$/ : /^EPRT \|2\|[^|]+\|\d+\|$/);
  await server.sends("200 Command successful");
  await client.gets("200 Command successful");
  await anchor.holdsActive({
    proxyPort: server.activePort,
    clientPort: client.dataPort,
    extended: family === "inet6",
  });
}

/** The PORT or EPRT of a client that listens for data. */
export const activeCommand = (family: Family, client: ScriptedClient): string =>
  family === "inet" ? `PORT ${client.hostPort}` : `EPRT ${client.extendedHostPort}`;

/** After a 227 or 229: the client downloads a file. */
export async function downloadsPassively({ client, server }: ScriptedStage, contents = FILE): Promise<void> {
  await client.sends("RETR file");
  await server.gets("RETR file");
  const [fetching, serving] = await Promise.all([client.opensData(), server.acceptsData()]);
  await server.sends("150 Here it comes");
  await client.gets("150 Here it comes");
  await Promise.all([serving.sendsFile(contents), fetching.getsFile(contents)]);
  await server.sends("226 Done");
  await client.gets("226 Done");
}

/** After a 227 or 229: the client uploads a file. */
export async function uploadsPassively({ client, server }: ScriptedStage, contents = FILE): Promise<void> {
  await client.sends("STOR file");
  await server.gets("STOR file");
  const [storing, taking] = await Promise.all([client.opensData(), server.acceptsData()]);
  await server.sends("150 Send it");
  await client.gets("150 Send it");
  await Promise.all([storing.sendsFile(contents), taking.getsFile(contents)]);
  await server.sends("226 Done");
  await client.gets("226 Done");
}

/** After PORT or EPRT: the server dials and sends a file. */
export async function downloadsActively({ client, server }: ScriptedStage, contents = FILE): Promise<void> {
  await client.sends("RETR file");
  await server.gets("RETR file");
  await server.sends("150 Here it comes");
  await client.gets("150 Here it comes");
  const [fetching, serving] = await Promise.all([client.acceptsData(), server.dialsData()]);
  await Promise.all([serving.sendsFile(contents), fetching.getsFile(contents)]);
  await server.sends("226 Done");
  await client.gets("226 Done");
}

/** After PORT or EPRT: the server dials and gets a file. */
export async function uploadsActively({ client, server }: ScriptedStage, contents = FILE): Promise<void> {
  await client.sends("STOR file");
  await server.gets("STOR file");
  await server.sends("150 Send it");
  await client.gets("150 Send it");
  const [storing, taking] = await Promise.all([client.acceptsData(), server.dialsData()]);
  await Promise.all([storing.sendsFile(contents), taking.getsFile(contents)]);
  await server.sends("226 Done");
  await client.gets("226 Done");
}

export async function quits({ client, server }: ScriptedStage): Promise<void> {
  await says(client, server, "QUIT", "221 Goodbye");
  await server.closes();
  await client.seesClose();
}

/** Several segments long, with no two lines alike. */
export const FILE: string = Array.from(
  { length: 1_000 },
  (_, line) => `line ${line} of a file that is worth its transfer\r\n`,
).join("");
