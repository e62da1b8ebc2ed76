/**
 * Converted statements back to a text: each with the comments above it and behind it, in the order that the era asks for.
 */

import type { Era } from "../../pf/language/eras.ts";
import type { Statement } from "../../pf/text/statements.ts";
import type { NewLine, Outcome, Section } from "./outcome.ts";

export interface Converted {
  readonly statement: Statement;
  readonly outcome: Outcome;
}

export interface Assembled {
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

export function assemble(text: string, converted: readonly Converted[], to: Era): Assembled {
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
