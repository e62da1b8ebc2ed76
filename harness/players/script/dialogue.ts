/**
 * Parts of the dialogue that most plays share, so that a scenario shows only its quirk.
 *
 * @example
 * await logsIn(stage);
 * await entersPassiveMode(stage);
 * await downloadsPassively(stage);
 */

import type { Mode, Stage } from "../../contract/scenario.ts";
import type { Family } from "../../pf/packet.ts";
import { FILE } from "../files.ts";
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
export const downloadsPassively = (stage: ScriptedStage, contents = FILE): Promise<void> =>
  transfers(stage, "RETR", "passive", contents);

/** After a 227 or 229: the client uploads a file. */
export const uploadsPassively = (stage: ScriptedStage, contents = FILE): Promise<void> =>
  transfers(stage, "STOR", "passive", contents);

/** After PORT or EPRT: the server dials and sends a file. */
export const downloadsActively = (stage: ScriptedStage, contents = FILE): Promise<void> =>
  transfers(stage, "RETR", "active", contents);

/** After PORT or EPRT: the server dials and gets a file. */
export const uploadsActively = (stage: ScriptedStage, contents = FILE): Promise<void> =>
  transfers(stage, "STOR", "active", contents);

/** The data connection opens before the 150 in passive mode, and after it in active mode. */
async function transfers(
  { client, server }: ScriptedStage,
  command: "RETR" | "STOR",
  mode: Mode,
  contents: string,
): Promise<void> {
  const preliminary = command === "RETR" ? "150 Here it comes" : "150 Send it";
  await client.sends(`${command} file`);
  await server.gets(`${command} file`);
  const passive = mode === "passive" ? await Promise.all([client.opensData(), server.acceptsData()]) : undefined;
  await server.sends(preliminary);
  await client.gets(preliminary);
  const [clients, servers] = passive ?? (await Promise.all([client.acceptsData(), server.dialsData()]));
  const [sender, receiver] = command === "RETR" ? [servers, clients] : [clients, servers];
  await Promise.all([sender.sendsFile(contents), receiver.getsFile(contents)]);
  await server.sends("226 Done");
  await client.gets("226 Done");
}

export async function quits({ client, server }: ScriptedStage): Promise<void> {
  await says(client, server, "QUIT", "221 Goodbye");
  await server.closes();
  await client.seesClose();
}
