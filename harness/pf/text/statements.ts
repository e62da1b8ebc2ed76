/**
 * pf.conf text as it is written, for tools that point at it or rewrite it: tokens with their places, statements,
 * macros, and the era. Macros stay unexpanded, lists stay lists, comments are kept. The parser (../language) has
 * another lexer, which sees what pfctl sees.
 *
 * An inline anchor is its head (`anchor "x" {`), then its statements one level deeper, then `}`.
 *
 * @example
 * splitStatements("pass in\nblock out # all\n").map(({ keyword }) => keyword) // ["pass", "block"]
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

/** A quoted token without its quotes; others unchanged. */
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

// Macros: statements as words with the macros spliced in, for tools that guess what a text is about.

export type Macros = ReadonlyMap<string, string>;

/** Macros nested deeper than this stay as they are. */
const MAX_DEPTH = 16;

/** Words that the macros of one statement may add; further ones stay as they are. pfctl gives such a text up. */
const MAX_WORDS = 2000;

export function macrosOf(statements: readonly Statement[]): Macros {
  const macros = new Map<string, string>();
  for (const { isMacro, keyword, tokens } of statements) {
    if (isMacro) macros.set(keyword, tokens.slice(2).map(unquoted).join(" "));
  }
  return macros;
}

/** Punctuation is a word, too; quotes are removed. Unknown macros stay as they are. */
export function wordsOf(statement: Statement, macros: Macros): readonly string[] {
  const budget = { words: MAX_WORDS };
  return statement.tokens.flatMap((token) =>
    token.kind === "word" && token.text.includes("$") ? spliced(token.text, macros, 0, budget) : [unquoted(token)],
  );
}

function spliced(text: string, macros: Macros, depth: number, budget: { words: number }): readonly string[] {
  const found = /\$(\w+)/.exec(text);
  const value = found === null ? undefined : macros.get(found[1] ?? "");
  if (found === null || value === undefined || depth >= MAX_DEPTH || budget.words <= 0) return [text];
  const tokens = tokenize(text.replace(found[0], () => value));
  budget.words -= tokens.length;
  return tokens.flatMap((token) =>
    token.text.includes("$") ? spliced(unquoted(token), macros, depth + 1, budget) : [unquoted(token)],
  );
}

// Eras: which of the PF languages a text is in, by the words that only one of them has.

const OLD = new Set(["nat", "rdr", "binat", "nat-anchor", "rdr-anchor", "binat-anchor", "scrub"]);
const NEW = new Set(["match", "nat-to", "rdr-to", "binat-to", "af-to", "divert-to", "divert-reply", "divert-packet"]);

/** Whether only the language before 4.7 has it. */
export function isOld({ keyword, isMacro, tokens }: Statement): boolean {
  if (isMacro) return false;
  return (
    OLD.has(keyword) || (keyword === "no" && OLD.has(tokens[1]?.text ?? "")) || tokens.some(({ text }) => text === "->")
  );
}

const isNew = ({ isMacro, tokens }: Statement): boolean => !isMacro && tokens.some(({ text }) => NEW.has(text));

/** Today's OpenBSD unless the older words are more; 4.7 to 4.9 look the same. */
export function guessEra(statements: readonly Statement[]): "divert-to" | "rdr-anchor" {
  const count = (fits: (statement: Statement) => boolean) => statements.filter(fits).length;
  return count(isOld) > count(isNew) ? "rdr-anchor" : "divert-to";
}
