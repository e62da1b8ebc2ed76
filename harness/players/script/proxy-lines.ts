/**
 * The behaviour of ftp-proxy(8) towards single lines.
 *
 * It rewrites PORT, EPRT, 227 and 229 in its own words, whatever the peer's were, with the address that the client
 * dialled or the one that the server sees (ftp-proxy.md §8).
 *
 * It refuses a port without a reply: it keeps the line and ends the session, and only the log says why (ftp-proxy.md
 * §6, §7.1).
 *
 * @example
 * await server.sends(`227 PASV OK (${server.hostPort})`);
 * await client.gets(rewritten227(stage));
 * await proxyRefusesReply(stage, `227 Entering passive mode. ${server.hostPort}`);
 */

import type { Script } from "../../contract/script.ts";
import { hasReference } from "../../contract/subject.ts";
import { downloadsActively, downloadsPassively, quits, type ScriptedStage } from "./dialogue.ts";
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

/** The server's 227 or 229 ends the session. A subject without a reference passes it on, and the client dials. */
export async function proxyRefusesReply(stage: ScriptedStage, reply: string): Promise<void> {
  const { client, server, profile } = stage;
  await server.sends(reply);
  if (hasReference(profile)) return sessionEndsOver(stage, reply);
  await client.gets(Number(reply.slice(0, 3)));
  await downloadsPassively(stage);
  await quits(stage);
}

/** The client's PORT or EPRT ends the session. A subject without a reference passes it on, and the server answers. */
export async function proxyRefusesCommand(stage: ScriptedStage, command: string): Promise<void> {
  const { client, server, profile } = stage;
  await client.sends(command);
  if (hasReference(profile)) return sessionEndsOver(stage, command);
  await server.gets({ name: "the client's command", pattern: /^/ });
  // RFC 2577 §3: a server dials nobody else.
  const own = [client.address, server.peerAddress].includes(server.named?.address ?? "");
  const answer = own ? "200 Command successful" : "501 Not an address of yours";
  await server.sends(answer);
  await client.gets(answer);
  if (own) await downloadsActively(stage);
  await quits(stage);
}

async function sessionEndsOver({ client, server, anchor, log }: ScriptedStage, line: string): Promise<void> {
  await client.seesClose();
  await server.seesClose();
  await log.says(`bad port in '${line}`);
  await anchor.isEmpty();
}
