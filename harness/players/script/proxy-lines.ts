/**
 * The words of ftp-proxy(8). It rewrites a 227 and a 229 in its own words, whatever the server's were, with the address
 * that the client dialled (ftp-proxy.md §8).
 *
 * @example
 * await server.sends(`227 PASV OK (${server.hostPort})`);
 * await client.gets(rewritten227(stage));
 */

import type { Script } from "../../contract/script.ts";
import type { NamedLine } from "./expected-line.ts";

const commas = (address: string): string => address.replaceAll(".", ",");

export const rewritten227 = ({ roles }: Script): NamedLine => ({
  name: "a 227 in ftp-proxy's words",
  pattern: new RegExp(`^227 Entering Passive Mode \\(${commas(roles.dialled.address)},\\d+,\\d+\\)$`),
});

export const rewritten229: NamedLine = {
  name: "a 229 in ftp-proxy's words",
  pattern: /^229 Entering Extended Passive Mode \(\|\|\|\d+\|\)$/,
};

/** The 227 over IPv4, the 229 over IPv6. */
export const rewrittenPassive = (script: Script): NamedLine => ({
  name: "a 227 or 229 in ftp-proxy's words",
  pattern: script.family === "inet" ? rewritten227(script).pattern : rewritten229.pattern,
});

/** Exactly the server's 227 or 229, under a name without its port. */
export const untouched = (reply: string): NamedLine => ({
  name: "the server's own reply",
  pattern: new RegExp(`^${reply.replace(/[.|()]/g, "\\$&")}$`),
});
