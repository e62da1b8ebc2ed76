/**
 * A pf.conf from one era's language to another's: statement by statement, lists, macros and comments kept as they are
 * written. What has no equivalent is refused by line, with the reason; then there is no text.
 *
 * @example
 * convert("pass in quick on em1 inet proto tcp to port ftp divert-to 127.0.0.1 port 8021\n", { to: "rdr-anchor" }).text
 * // "rdr pass on em1 inet proto tcp to port ftp -> 127.0.0.1 port 8021\n"
 */

import type { Era } from "../../pf/language/eras.ts";
import { parseRuleset } from "../../pf/language/parse.ts";
import { guessEra, type Statement, splitStatements } from "../../pf/text/statements.ts";
import { NO_EVIDENCE } from "../lint/evidence.ts";
import { interfaceNames } from "../lint/interface-names.ts";
import { guessSite } from "../lint/site.ts";
import { assemble, type Converted } from "./assemble.ts";
import { statementConverter } from "./statement.ts";

export interface Remark {
  /** 1-based, in the text that was given. */
  readonly line: number;
  readonly text: string;
}

export interface Conversion {
  readonly from: Era;
  readonly to: Era;
  /** Undefined if anything was refused. */
  readonly text: string | undefined;
  readonly refused: readonly Remark[];
  /** What a reader should know about what was done. */
  readonly remarks: readonly Remark[];
}

export interface ConvertOptions {
  readonly to: Era;
  /** Guessed from the text if not given. */
  readonly from?: Era;
}

export function convert(text: string, { to, from: given }: ConvertOptions): Conversion {
  const statements = splitStatements(text);
  const from = given ?? guessFrom(statements, to);
  const unreadable = complaints(text, from);
  if (unreadable.length > 0) {
    return { from, to, text: undefined, refused: unreadable, remarks: [] };
  }
  const convertStatement = statementConverter(text, statements, from, to);
  const converted = statements.map((statement): Converted => ({ statement, outcome: convertStatement(statement) }));
  const refused: Remark[] = [];
  const remarks: Remark[] = [];
  for (const { statement, outcome } of converted) {
    const { line } = statement;
    if (outcome.kind === "refused") refused.push({ line, text: outcome.reason });
    if (outcome.kind === "dropped") remarks.push({ line, text: outcome.remark });
    if (outcome.kind === "replaced" && outcome.remark !== undefined) remarks.push({ line, text: outcome.remark });
  }
  if (refused.length > 0) return { from, to, text: undefined, refused, remarks };
  const { text: result, lineOf } = assemble(text, converted, to);
  const wrong = complaints(result, to).map(({ line, text: complaint }) => ({
    line: lineOf(line),
    text: `what it becomes is not understood in that era: ${complaint}`,
  }));
  return { from, to, text: wrong.length === 0 ? result : undefined, refused: wrong, remarks };
}

/** A modern text that is to become a modern one of the other kind is of the other kind. */
function guessFrom(statements: readonly Statement[], to: Era): Era {
  const guessed = guessEra(statements);
  if (guessed === "rdr-anchor" || to !== "divert-to") return guessed;
  return statements.some(({ tokens }) => tokens.some((token) => token.text === "divert-to")) ? "divert-to" : "rdr-to";
}

function complaints(text: string, era: Era): readonly Remark[] {
  const names = interfaceNames(splitStatements(text));
  const { interfaces } = guessSite(names, NO_EVIDENCE, () => false);
  // Files that a text includes or loads are not converted with it: they count as empty here.
  const { errors } = parseRuleset(text, { era, interfaces, readFile: () => "" });
  return errors.map(({ line, text: complaint }) => ({ line, text: complaint }));
}
