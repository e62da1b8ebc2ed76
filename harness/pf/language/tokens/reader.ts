/**
 * The parser's view of the tokens: looks one ahead, takes those that fit, reports those that do not.
 *
 * An error inside a statement throws; the statement loop (parse.ts) catches it, skips to the end of the line and goes
 * on, as yacc's `error '\n'` does. After an error "syntax error" is held back until three tokens fitted (yacc), so that
 * one slip makes one message.
 */

import type { Release } from "../releases.ts";
import { Characters } from "./characters.ts";
import { Lexer } from "./lexer.ts";

export interface Diagnostic {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly text: string;
  /** The era that a word belongs to. pfctl has no such hint. */
  readonly hint?: string;
}

/** Thrown for a statement that cannot be finished; its message is already reported. */
export const abandoned = Symbol("statement abandoned");

export class Reader {
  readonly #lexer: Lexer;
  readonly #characters: Characters;
  #ahead = false;
  /** Whether {@link followedBy} judges: its sets are those of OpenBSD 7.8. */
  readonly #strict: boolean;
  /** yacc's yyerrflag: tokens that must fit before the next "syntax error" is worth saying. */
  #recovering = 0;
  /** A statement was given up, with or without a message: the text is refused. */
  failed = false;
  /** Whose names of services are read. */
  readonly system: Release["system"];
  readonly errors: Diagnostic[] = [];
  readonly warnings: Diagnostic[] = [];
  /** All that pfctl writes to stderr, line by line, in order. */
  readonly stderr: string[] = [];

  constructor(
    file: string,
    text: string,
    macro: (name: string) => string | undefined,
    { keywords, lookahead, system, addsNewline }: Pick<Release, "keywords" | "lookahead" | "system" | "addsNewline">,
  ) {
    this.#strict = lookahead;
    this.system = system;
    this.#characters = new Characters(file, text, addsNewline);
    this.#lexer = new Lexer(this.#characters, { macro, error: (message) => this.error(message) }, keywords);
  }

  get file(): string {
    return this.#characters.file;
  }

  /** Line of the token read last, also if only looked at. */
  get line(): number {
    return this.#lexer.line;
  }

  /** Tells of a name that only the text's machine has; true: the parse goes on without it. */
  absent: (kind: "file" | "user" | "group" | "service" | "host", name: string) => boolean = () => false;

  /** How many files are open. */
  get depth(): number {
    return this.#characters.depth;
  }

  /** Kind of the next token; see {@link Lexer}. */
  peek(): string {
    if (!this.#ahead) {
      this.#lexer.next();
      this.#ahead = true;
    }
    return this.#lexer.kind;
  }

  /** The next token if it is a bare word, keyword or not; else "". */
  word(): string {
    const kind = this.peek();
    return kind === "string" ? this.#lexer.text : kind;
  }

  /** Takes the token that was looked at. */
  take(): void {
    this.#ahead = false;
    if (this.#recovering > 0) this.#recovering--;
  }

  accept(kind: string): boolean {
    if (this.peek() !== kind) return false;
    this.take();
    return true;
  }

  expect(kind: string): void {
    if (this.peek() !== kind) this.syntaxError();
    this.take();
  }

  string(): string {
    this.expect("string");
    return this.#lexer.text;
  }

  /** A number; {@link numberText} keeps how it was written (without leading zeros). */
  number(): number {
    this.expect("number");
    return this.#lexer.number;
  }

  numberText(): string {
    this.expect("number");
    return this.#lexer.text;
  }

  numberOrString(): string {
    return this.peek() === "number" ? this.numberText() : this.string();
  }

  /** Words up to the next other token, joined by one blank: `tag a b`. */
  strings(): string {
    let text = this.string();
    while (this.peek() === "string") text += ` ${this.string()}`;
    return text;
  }

  /** Reads the rest from another file's text. */
  include(name: string, text: string): void {
    this.#characters.include(name, text);
  }

  error(text: string): void {
    const diagnostic = { file: this.file, line: this.line, text };
    this.errors.push(diagnostic);
    this.stderr.push(`${diagnostic.file}:${diagnostic.line}: ${text}`);
  }

  warn(text: string): void {
    const diagnostic = { file: this.file, line: this.line, text };
    this.warnings.push(diagnostic);
    this.stderr.push(`${diagnostic.file}:${diagnostic.line}: warning: ${text}`);
  }

  /** A line on stderr without file and line: `no IP address found for x`. */
  remark(text: string): void {
    this.stderr.push(text);
  }

  fail(text: string): never {
    this.error(text);
    throw abandoned;
  }

  /** Gives up the statement, after an error was reported. */
  abandon(): never {
    throw abandoned;
  }

  /** Fails unless the next token is one of these; yacc checks that before it looks at what the words so far mean. */
  followedBy(kinds: ReadonlySet<string>): void {
    if (this.#strict && !kinds.has(this.peek())) this.syntaxError();
  }

  /** Fails unless the statement ends here. The newline is taken after its meaning is worked out. */
  endOfStatement(): void {
    if (this.peek() !== "\n") this.syntaxError();
  }

  syntaxError(): never {
    if (this.#recovering === 0) this.error("syntax error");
    throw abandoned;
  }

  /** Adds a hint to the error reported last, if it is a syntax error of this line. */
  hint(text: string, line: number): void {
    const last = this.errors.at(-1);
    if (last?.text !== "syntax error" || last.line !== line) return;
    this.errors[this.errors.length - 1] = { ...last, hint: text };
    // Of releases that no judge answers for, the model says more than their pfctl.
    if (!this.#strict && this.system !== "FreeBSD") this.remark(text);
  }

  /** Skips to the end of the line after an error; false at the end of all input. */
  recover(): boolean {
    this.failed = true;
    this.#recovering = 3;
    while (this.peek() !== "\n") {
      if (this.peek() === "end") return false;
      this.#ahead = false;
    }
    this.take();
    return true;
  }
}

// `x` or `{ x, y z }`: the list that nearly every clause allows. Commas are optional, newlines may follow `{` and each
// item, an empty list or a comma before `}` is a syntax error.

export function newlines(reader: Reader): void {
  while (reader.accept("\n"));
}

/** Reads the items after `{` up to and with `}`. */
export function braced(reader: Reader, item: () => void): void {
  newlines(reader);
  for (;;) {
    item();
    newlines(reader);
    if (reader.accept(",")) continue;
    if (reader.accept("}")) return;
  }
}

export function oneOrList(reader: Reader, item: () => void): void {
  if (reader.accept("{")) braced(reader, item);
  else item();
}

/** `(a, b c)` after the `(`, up to and with the `)`; no newlines here. */
export function parenthesised(reader: Reader, item: () => void): void {
  for (;;) {
    item();
    if (reader.accept(",")) continue;
    if (reader.accept(")")) return;
  }
}
