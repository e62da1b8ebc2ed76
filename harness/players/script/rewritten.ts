/**
 * The lines that ftp-proxy(8) writes in the place of others: its own words, whatever the peer's were,
 * with the address that the client dialled or the one that the server sees (ftp-proxy.md §8). Without
 * a proxy these steps end with "other-bytes".
 *
 * @example
 * await server.sends(`227 PASV OK (${server.hostPort})`);
 * await client.gets(rewritten227(stage));
 */

import { type End, stopsAt } from "../../contract/scenario.ts";
import type { Script } from "../../contract/script.ts";
import type { NamedLine } from "./scripted-peer.ts";

/** Exactly the server's 227 or 229, for steps that must read the same whatever port is in it. */
export const untouched = (reply: string): NamedLine => ({
  name: "the server's own reply",
  pattern: new RegExp(`^${reply.replace(/[.|()]/g, "\\$&")}$`),
});

/** Where the server's address is translated, conntrack puts the translated one into every 227 that names it. */
export const ownReplyChanges: End = stopsAt("client gets the server's own reply", "other-bytes");

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
