/**
 * Macros of a pf.conf text, and statements as words with the macros spliced in: for tools that guess what a text is
 * about. Unknown macros stay as they are.
 *
 * @example
 * const macros = macrosOf(splitStatements('if = "em0"\npass on $if\n'));
 * wordsOf(statement, macros) // ["pass", "on", "em0"]
 */

import type { Statement } from "./statements.ts";
import { tokenize, unquoted } from "./tokens.ts";

export type Macros = ReadonlyMap<string, string>;

/** Macros in macros deeper than this are left alone. */
const MAX_DEPTH = 16;

export function macrosOf(statements: readonly Statement[]): Macros {
  const macros = new Map<string, string>();
  for (const { isMacro, keyword, tokens } of statements) {
    if (isMacro) macros.set(keyword, tokens.slice(2).map(unquoted).join(" "));
  }
  return macros;
}

/** Punctuation is a word too; quotes are taken off. */
export function wordsOf(statement: Statement, macros: Macros): readonly string[] {
  return statement.tokens.flatMap((token) =>
    token.kind === "word" && token.text.includes("$") ? spliced(token.text, macros, 0) : [unquoted(token)],
  );
}

function spliced(text: string, macros: Macros, depth: number): readonly string[] {
  const found = /\$(\w+)/.exec(text);
  const value = found === null ? undefined : macros.get(found[1] ?? "");
  if (found === null || value === undefined || depth >= MAX_DEPTH) return [text];
  const whole = text.replace(found[0], () => value);
  return tokenize(whole).flatMap((token) =>
    token.text.includes("$") ? spliced(unquoted(token), macros, depth + 1) : [unquoted(token)],
  );
}
