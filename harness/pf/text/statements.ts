/**
 * pf.conf text cut into statements, each with its tokens and its place: lists stay lists, macros stay macros.
 *
 * An inline anchor is its head (`anchor "x" {`), then its statements one level deeper, then `}`. Comments and blank
 * lines are no statements; what stands between two statements can be had from the offsets.
 *
 * @example
 * splitStatements("pass in\nblock out # all\n").map(({ keyword }) => keyword) // ["pass", "block"]
 */

import { type Token, tokenize } from "./tokens.ts";

export interface Statement {
  /** Line of its first token, 1-based. */
  readonly line: number;
  readonly lastLine: number;
  /** First word: `pass`, `set`, `nat-anchor`, `}` …; the name of a macro. */
  readonly keyword: string;
  readonly isMacro: boolean;
  /** Without comments and newlines. */
  readonly tokens: readonly Token[];
  /** From the first to the last token. */
  readonly start: number;
  readonly end: number;
  /** Inline anchors around it. */
  readonly depth: number;
  /** It ends in `{`: the statements of an inline anchor follow. */
  readonly opensBlock: boolean;
}

export function splitStatements(text: string): readonly Statement[] {
  const statements: Statement[] = [];
  let tokens: Token[] = [];
  let braces = 0;
  let depth = 0;
  const finish = (opensBlock: boolean) => {
    const [first] = tokens;
    const last = tokens.at(-1);
    if (first === undefined || last === undefined) return;
    const isMacro = first.kind === "word" && tokens[1]?.text === "=";
    statements.push({
      line: first.line,
      lastLine: last.line,
      keyword: first.text,
      isMacro,
      tokens,
      start: first.start,
      end: last.end,
      depth,
      opensBlock,
    });
    tokens = [];
    braces = 0;
  };
  const all = tokenize(text);
  all.forEach((token, index) => {
    if (token.kind === "comment") return;
    if (token.kind === "newline") {
      if (braces === 0) finish(false);
      return;
    }
    if (token.text === "}" && tokens.length === 0) {
      depth = Math.max(0, depth - 1);
      tokens.push(token);
      return;
    }
    tokens.push(token);
    if (token.text === "{") {
      if (tokens[0]?.text === "anchor" && endsLine(all, index)) {
        finish(true);
        depth++;
      } else braces++;
    } else if (token.text === "}") braces = Math.max(0, braces - 1);
  });
  finish(false);
  return statements;
}

/** Nothing but a comment follows on the line. */
function endsLine(tokens: readonly Token[], index: number): boolean {
  const next = tokens[index + 1];
  if (next === undefined || next.kind === "newline") return true;
  return next.kind === "comment" && (tokens[index + 2] === undefined || tokens[index + 2]?.kind === "newline");
}
