/**
 * How ftp-proxy(8) refuses a port: it says nothing to anybody, keeps the line to itself and ends the
 * session; only the log tells why (ftp-proxy.md §6, §7.1).
 *
 * @example
 * await proxyRefusesReply(stage, `227 Entering passive mode. ${server.hostPort}`);
 */

import { type End, type Stage, stopsAt } from "../../contract/scenario.ts";
import type { ScriptedClient } from "./scripted-client.ts";
import type { ScriptedServer } from "./scripted-server.ts";

type ScriptedStage = Stage<ScriptedClient, ScriptedServer>;

/** The server's 227 or 229 ends the session. */
export async function proxyRefusesReply(stage: ScriptedStage, reply: string): Promise<void> {
  await stage.server.sends(reply);
  await endsOver(stage, reply);
}

/** The client's PORT or EPRT ends the session. */
export async function proxyRefusesCommand(stage: ScriptedStage, command: string): Promise<void> {
  await stage.client.sends(command);
  await endsOver(stage, command);
}

async function endsOver({ client, server, anchor, log }: ScriptedStage, line: string): Promise<void> {
  await client.seesClose();
  await server.seesClose();
  await log.says(`bad port in '${line}`);
  await anchor.isEmpty();
}

/** Instead of a refusal: the client gets the reply. */
export const replyPasses: End = stopsAt("client sees its control connection closed", "other-bytes");

/** Instead of a refusal of the command: the session goes on, and the script's server has nothing to say to it. */
export const commandPasses: End = stopsAt("client sees its control connection closed", "silence");

/** The packet with the reply is dropped, again and again, and the client waits. */
export const replyVanishes: End = stopsAt("client sees its control connection closed", "silence");
