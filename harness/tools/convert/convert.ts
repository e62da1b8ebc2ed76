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
import { interfaceNames } from "../lint/interface-names.ts";
import { guessMachine } from "../lint/machine.ts";
import { NO_EVIDENCE } from "../lint/rule-facts.ts";
import type { NewLine, Outcome, Section } from "./outcome.ts";
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
  const { interfaces } = guessMachine(names, NO_EVIDENCE, () => false);
  // Files that a text includes or loads are not converted with it: they count as empty here.
  const { errors } = parseRuleset(text, { era, interfaces, readFile: () => "" });
  return errors.map(({ line, text: complaint }) => ({ line, text: complaint }));
}

interface Converted {
  readonly statement: Statement;
  readonly outcome: Outcome;
}

interface Assembled {
  readonly text: string;
  /** The line of the text that was given, for a line of the result. */
  lineOf(line: number): number;
}

/** What moves together: comment lines, the statement, the rest of its line. */
interface Chunk {
  readonly section: Section;
  readonly text: string;
  readonly line: number;
}

const RANK: Readonly<Record<Section, number>> = {
  any: 0,
  options: 0,
  normalization: 1,
  queueing: 2,
  translation: 3,
  filtering: 4,
};

function assemble(text: string, converted: readonly Converted[], to: Era): Assembled {
  const { chunks, rest } = cut(text, converted);
  const ordered = to === "rdr-anchor" ? [...chunks].sort((a, b) => RANK[a.section] - RANK[b.section]) : chunks;
  const lines: number[] = [];
  for (const { text: chunk, line } of ordered) {
    for (let count = chunk.split("\n").length - 1; count > 0; count--) lines.push(line);
  }
  return {
    text: ordered.map((chunk) => chunk.text).join("") + rest,
    lineOf: (line) => lines[line - 1] ?? lines.at(-1) ?? 1,
  };
}

function cut(text: string, converted: readonly Converted[]): { chunks: readonly Chunk[]; rest: string } {
  const chunks: Chunk[] = [];
  let at = 0;
  for (const { statement, outcome } of converted) {
    const newline = text.indexOf("\n", statement.end);
    const end = newline < 0 ? text.length : newline + 1;
    const before = text.slice(at, statement.start);
    const behind = newline < 0 ? `${text.slice(statement.end)}\n` : text.slice(statement.end, end);
    const indent = before.slice(before.lastIndexOf("\n") + 1);
    const lead = before.slice(0, before.length - indent.length);
    const { line } = statement;
    const parts = newLines(text, statement, outcome);
    const inBlock = statement.depth > 0 || statement.keyword === "}";
    if (parts.length === 0) chunks.push({ section: "any", text: lead, line });
    parts.forEach((part, index) => {
      const tail = index === parts.length - 1 ? behind : "\n";
      const chunk = `${index === 0 ? lead : ""}${indent}${part.text}${tail}`;
      chunks.push({ section: inBlock ? "filtering" : part.section, text: chunk, line });
    });
    at = end;
  }
  return { chunks, rest: text.slice(at) };
}

function newLines(text: string, { start, end }: Statement, outcome: Outcome): readonly NewLine[] {
  switch (outcome.kind) {
    case "kept":
      return [{ section: outcome.section, text: text.slice(start, end) }];
    case "replaced":
      return outcome.lines;
    case "dropped":
    case "refused":
      return [];
  }
}
