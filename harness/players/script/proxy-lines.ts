/**
 * The behaviour of ftp-proxy(8) towards single lines.
 *
 * It rewrites PORT, EPRT, 227 and 229 in its own words, whatever the peer's were, with the address that the client
 * dialled or the one that the server sees (ftp-proxy.md §8). Without a proxy those steps end with "other-bytes".
 *
 * It refuses a port without a reply: it keeps the line and ends the session, and only the log says why (ftp-proxy.md
 * §6, §7.1).
 *
 * @example
 * await server.sends(`227 PASV OK (${server.hostPort})`);
 * await client.gets(rewritten227(stage));
 * await proxyRefusesReply(stage, `227 Entering passive mode. ${server.hostPort}`);
 */

import { type End, stopsAt } from "../../contract/scenario.ts";
import type { Script } from "../../contract/script.ts";
import type { ScriptedStage } from "./dialogue.ts";
import type { NamedLine } from "./expected-line.ts";

const commas = (address: string): string => address.replaceAll(".", ",");
const literally = (text: string): string => text.replaceAll(".", "\\.");

export const rewritten227 = ({ roles }: Script): NamedLine => ({
  name: "a 227 in ftp-proxy's words",
  pattern: new RegExp(`^227 Entering Passive Mode \\(${commas(roles.dialled.address)},\\d+,\\d+\\)$`),
});

export const rewritten229: NamedLine = {
  name: "a 229 in ftp-proxy's words",
  pattern: /^229 Entering Extended Passive Mode \(\|\|\|\d+\|\)$/,
};

export const rewrittenPort = ({ roles }: Script): NamedLine => ({
  name: "a PORT in ftp-proxy's words",
  pattern: new RegExp(`^PORT ${commas(roles.proxy)},\\d+,\\d+$`),
});

export const rewrittenEprt = ({ roles, family }: Script): NamedLine => ({
  name: "an EPRT in ftp-proxy's words",
  pattern: new RegExp(`^EPRT \\|${family === "inet" ? 1 : 2}\\|${literally(roles.proxy)}\\|\\d+\\|$`),
});

/** The 227 over IPv4, the 229 over IPv6. */
export const rewrittenPassive = (script: Script): NamedLine => ({
  name: "a 227 or 229 in ftp-proxy's words",
  pattern: script.family === "inet" ? rewritten227(script).pattern : rewritten229.pattern,
});

/** The PORT over IPv4, the EPRT over IPv6. */
export const rewrittenActive = (script: Script): NamedLine => ({
  name: "a PORT or EPRT in ftp-proxy's words",
  pattern: script.family === "inet" ? rewrittenPort(script).pattern : rewrittenEprt(script).pattern,
});

/** Exactly the server's 227 or 229, under a name without its port. */
export const untouched = (reply: string): NamedLine => ({
  name: "the server's own reply",
  pattern: new RegExp(`^${reply.replace(/[.|()]/g, "\\$&")}$`),
});

/** Where conntrack translates the server's address, it puts the new one into every 227 that names the old one. */
export const ownReplyChanges: End = stopsAt("client gets the server's own reply", "other-bytes");

/** The server's 227 or 229 ends the session. */
export async function proxyRefusesReply(stage: ScriptedStage, reply: string): Promise<void> {
  await stage.server.sends(reply);
  await sessionEndsOver(stage, reply);
}

/** The client's PORT or EPRT ends the session. */
export async function proxyRefusesCommand(stage: ScriptedStage, command: string): Promise<void> {
  await stage.client.sends(command);
  await sessionEndsOver(stage, command);
}

async function sessionEndsOver({ client, server, anchor, log }: ScriptedStage, line: string): Promise<void> {
  await client.seesClose();
  await server.seesClose();
  await log.says(`bad port in '${line}`);
  await anchor.isEmpty();
}

/** Instead of a refusal, the client gets the reply. */
export const replyPasses: End = stopsAt("client sees its control connection closed", "other-bytes");

/** Instead of a refusal of the command, the session goes on, and the script's server does not reply. */
export const commandPasses: End = stopsAt("client sees its control connection closed", "silence");

/** Every packet with the reply is dropped, and the client waits. */
export const replyVanishes: End = commandPasses;
