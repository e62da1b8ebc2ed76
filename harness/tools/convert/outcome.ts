/**
 * What one statement becomes in another era, and the questions about a rule that decide it: does it lead control
 * connections to ftp-proxy, and what are the parts of its targets?
 *
 * @example
 * replaced([{ section: "translation", text: 'nat-anchor "ftp-proxy/*"' }])
 */

import { clause, type RuleParts } from "../../pf/text/rule-parts.ts";

/** Before 4.7 statements stand in this order: pf.conf(5) of that time, "statement order". */
export type Section = "any" | "options" | "normalization" | "queueing" | "translation" | "filtering";

export interface NewLine {
  readonly section: Section;
  readonly text: string;
}

export type Outcome =
  | { readonly kind: "kept"; readonly section: Section }
  | { readonly kind: "replaced"; readonly lines: readonly NewLine[]; readonly remark?: string }
  | { readonly kind: "dropped"; readonly remark: string }
  | { readonly kind: "refused"; readonly reason: string };

export const kept = (section: Section): Outcome => ({ kind: "kept", section });

export const refused = (reason: string): Outcome => ({ kind: "refused", reason });

export const replaced = (lines: readonly NewLine[], remark?: string): Outcome =>
  remark === undefined ? { kind: "replaced", lines } : { kind: "replaced", lines, remark };

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

/** `set prio`, `set tos`, `set delay`; `set queue` may be written without `set`. */
export const laterSetAction = (parts: RuleParts) =>
  parts.clauses.find(({ name, value }) => name === "set" && !/^\(?\s*queue\b[^,]*\)?$/.test(value));
