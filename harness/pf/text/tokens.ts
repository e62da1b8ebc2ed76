/**
 * pf.conf text as tokens with their places, macros unexpanded and comments kept: for tools that point at text or
 * rewrite it. The parser (`../language`) has a lexer of its own, which sees what pfctl sees.
 *
 * `10.0.0.0/8`, `em0:network` and `$ext_if` are one word each; `<table>` and `->` are one token.
 *
 * @example
 * tokenize("pass in # all\n").map(({ text }) => text) // ["pass", "in", "# all", "\n"]
 */

export type TokenKind = "word" | "quoted" | "table" | "punctuation" | "comment" | "newline";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** 1-based line of its first character. */
  readonly line: number;
  /** Offsets in the text: `text.slice(start, end)`. */
  readonly start: number;
  readonly end: number;
}

const PATTERN =
  /(?<blank>[ \t\r]+|\\\r?\n)|(?<newline>\n)|(?<comment>#[^\n]*)|(?<quoted>"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)|(?<table><[A-Za-z_][\w.-]*>)|(?<punctuation>->|!=|<=|>=|<>|><|[{}(),=!<>])|(?<word>(?:[^\s{}(),=!<>#"'\\-]|\\(?!\r?\n)|-(?!>))+)/gsu;

/** A quoted token without its quotes; any other as it is. */
export const unquoted = ({ kind, text }: Token): string => (kind === "quoted" ? text.slice(1, -1) : text);

export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (const match of text.matchAll(PATTERN)) {
    const [found] = match;
    const { blank: _blank, ...groups } = match.groups ?? {};
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined) as TokenKind | undefined;
    if (kind !== undefined) {
      tokens.push({ kind, text: found, line, start: match.index, end: match.index + found.length });
    }
    for (let at = found.indexOf("\n"); at >= 0; at = found.indexOf("\n", at + 1)) line++;
  }
  return tokens;
}
