/**
 * What checks work on: the rule set parsed, the machine it is tried on, and for each address family in use how an FTP
 * session went through it.
 */

import type { Era } from "../../pf/language/eras.ts";
import type { Diagnostic } from "../../pf/language/parse.ts";
import type { Family } from "../../pf/packet.ts";
import type { Ruleset } from "../../pf/ruleset.ts";
import { macrosOf, type Statement, wordsOf } from "../../pf/text/statements.ts";
import type { Finding } from "./finding.ts";
import type { ReadOptions } from "./read-rules.ts";
import type { Rehearsal } from "./rehearsal.ts";
import type { Site } from "./site.ts";

export interface LintOptions extends ReadOptions {
  /** `ftp-proxy -R`; guessed from the rules if not given. */
  readonly reverse?: boolean;
  /** Where the proxy listens: 8021, or 21 with `-R`. */
  readonly port?: number;
  /** `ftp-proxy -T`. */
  readonly tag?: string;
}

export interface Analysis {
  readonly text: string;
  readonly statements: readonly Statement[];
  readonly era: Era;
  readonly reverse: boolean;
  readonly port: number;
  readonly tag: string | undefined;
  readonly ruleset: Ruleset;
  readonly errors: readonly Diagnostic[];
  readonly site: Site;
  /** The best that any cast got, one for each family in use. */
  readonly rehearsals: readonly Rehearsal[];
  /** Families in use for which nobody could be cast: the machine has no such addresses. */
  readonly families: readonly Family[];
}

/** Findings in any order. */
export type Check = (analysis: Analysis) => readonly Finding[];

/** A line of the text as it stands. */
export const lineText = ({ text }: Pick<Analysis, "text">, line: number): string =>
  (text.split("\n")[line - 1] ?? "").trim();

/** The statement that a rule of this line comes from, as written, joined lines and all. */
export function statementAt({ statements }: Pick<Analysis, "statements">, line: number): Statement | undefined {
  return statements.find((statement) => statement.line <= line && line <= statement.lastLine);
}

/** Written text of the statement at a line. */
export function written(analysis: Pick<Analysis, "statements" | "text">, line: number): string {
  const statement = statementAt(analysis, line);
  return statement === undefined ? lineText(analysis, line) : analysis.text.slice(statement.start, statement.end);
}

export const lastLine = ({ text }: Pick<Analysis, "text">): number =>
  Math.max(1, text.replace(/\n+$/, "").split("\n").length);

/** The line of the first filter rule: what must come before all of them goes above it. */
export function firstRuleLine(analysis: Pick<Analysis, "statements" | "text">): number {
  const first = analysis.statements.find(
    ({ keyword, isMacro }) => !isMacro && /^(?:pass|block|match|anchor|antispoof)$/.test(keyword),
  );
  return first?.line ?? lastLine(analysis);
}

/** How rules should name the side of the clients, and that of the servers: macros, lists; undefined: not at all. */
export function sideNames({ site, statements }: Analysis): { readonly inside?: string; readonly outside?: string } {
  const macros = macrosOf(statements);
  const said = new Set(statements.flatMap((statement) => (statement.isMacro ? [] : wordsOf(statement, macros))));
  const isSaid = (name: string) => [...said].some((word) => word === name || word.startsWith(`${name}:`));
  const shown = (name: string) => {
    const macro = [...macros].find(([, value]) => value === name)?.[0];
    return macro === undefined ? name : `$${macro}`;
  };
  const inside = site.inside.filter(isSaid).map(shown);
  const outside = isSaid(site.outside) ? shown(site.outside) : isSaid("egress") ? "egress" : undefined;
  return {
    ...(inside.length > 0 && { inside: inside.length === 1 ? (inside[0] as string) : `{ ${inside.join(" ")} }` }),
    ...(outside !== undefined && { outside }),
  };
}
