/**
 * Which rules lead control connections to ftp-proxy: a destination port ftp, and a target on the loopback interface.
 */

import { clause, type RuleParts } from "../../pf/text/rule-parts.ts";

/** Macros spliced in, for looking only: what is written stays. */
export type Expand = (text: string) => string;

/** `… port ftp`, `… port { 21 990 }` */
export const isToFtp = ({ to }: RuleParts, expand: Expand): boolean =>
  to !== undefined && /\bport\b.*(?:^|[\s{,=])(?:ftp|21)(?=$|[\s},])/.test(expand(to));

const LOOPBACK = /^(?:127\.0\.0\.1|::1|localhost|lo0|\(\s*lo0(?::0)?\s*\))\s+port\b/;

/** The pool of a redirection to a daemon on this machine: `127.0.0.1 port 8021`. */
export function proxyTarget(parts: RuleParts, name: "rdr-to" | "divert-to" | "->", expand: Expand): string | undefined {
  const found = clause(parts, name);
  return found !== undefined && LOOPBACK.test(expand(found.value)) ? found.value : undefined;
}

export const without = (parts: RuleParts, ...names: readonly string[]): RuleParts => ({
  ...parts,
  clauses: parts.clauses.filter(({ name }) => !names.includes(name)),
});

/** `10.0.0.5 port 8080` of a pool; pool types and options left out. */
export function targetOf(pool: string): { readonly address: string; readonly port: string | undefined } {
  const [, address = pool, port] = /^(\{[^}]*\}|\([^)]*\)|\S+)(?:\s+port\s+(\S+))?/.exec(pool) ?? [];
  return { address, port };
}

/** The address and the ports of one end: `! $fw port { ftp 990 }`. */
export function splitEnd(end: string | undefined): { readonly address: string; readonly ports: string | undefined } {
  if (end === undefined) return { address: "any", ports: undefined };
  const at = /(?:^|\s)port\s/.exec(end);
  if (at === null) return { address: end, ports: undefined };
  return { address: end.slice(0, at.index).trim() || "any", ports: end.slice(at.index).trim() };
}
