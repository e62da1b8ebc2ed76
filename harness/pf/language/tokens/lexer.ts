/**
 * Tokens of pf.conf(5): words, quoted strings, numbers, operators, newlines; macros are expanded on the way.
 *
 * `port 1024:2048` gives `port` (a keyword) and the string `1024:2048`; `10.0.0.0/8` gives the string `10.0.0.0`, `/`
 * and the number 8: a run of digits is a number only if a blank or one of `) , / } =` follows (parse.y 1.718, yylex).
 * The token stays in the lexer's fields until the next call of `next`.
 */

import { type Characters, END, NEWLINE } from "./characters.ts";

/** parse.y 1.718: char buf[8096] in yylex. */
const MAX_TOKEN = 8096;

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = "0123456789";

function characterSet(characters: string): Uint8Array {
  const set = new Uint8Array(65536);
  for (const character of characters) set[character.charCodeAt(0)] = 1;
  return set;
}

/** A bare word starts with one of these … */
const wordStart = characterSet(`${LETTERS}${DIGITS}:_`);
/** … and continues with all but `( ) { } < > ! = / # ,` and blanks. The backslash is handled below. */
const wordPart = characterSet(`${LETTERS}${DIGITS}:_.-+*%&$@~^?;[]|"'\``);
const digit = characterSet(DIGITS);
const macroName = characterSet(`${LETTERS}${DIGITS}_`);
const numberEnd = characterSet(" \t\n\v\f\r),/}=");
const blank = characterSet(" \t");

const code = (character: string): number => character.charCodeAt(0);
const HASH = code("#");
const DOLLAR = code("$");
const MINUS = code("-");
const ARROW_HEAD = code(">");
const BACKSLASH = code("\\");
const DOUBLE_QUOTE = code('"');
const SINGLE_QUOTE = code("'");

/** Second characters of two-character operators, by the first. */
const operators: Readonly<Record<string, string>> = { "!": "=", "<": ">=", ">": "<=" };

export interface LexerDuties {
  /** Reports an error at the current line. */
  error(text: string): void;
  /** The value of a macro, or undefined. */
  macro(name: string): string | undefined;
}

/**
 * `kind` is "string", "number", "end" (of all input), "bad" (an error already reported; fits nowhere), a keyword, or
 * the punctuation itself ("\n", "{", "<>", …).
 */
export class Lexer {
  readonly characters: Characters;
  readonly #duties: LexerDuties;
  readonly #keywords: ReadonlySet<string>;
  kind = "end";
  text = "";
  number = 0;
  /** Line of the token read last. */
  line = 1;

  constructor(characters: Characters, duties: LexerDuties, keywords: ReadonlySet<string>) {
    this.characters = characters;
    this.#keywords = keywords;
    this.#duties = duties;
  }

  /** Reads one token into the fields. */
  next(): void {
    const { characters } = this;
    for (;;) {
      let character = this.#skipBlanks();
      this.line = characters.line;
      if (character === HASH) {
        do character = characters.next();
        while (character !== NEWLINE && character !== END);
      }
      if (character === DOLLAR && !characters.expanding) {
        if (this.#expandMacro()) continue;
        return;
      }
      this.#token(character);
      return;
    }
  }

  #token(character: number): void {
    if (character === NEWLINE) {
      this.line = this.characters.line;
      this.characters.countLine();
      this.kind = "\n";
    } else if (wordStart[character] === 1 && digit[character] !== 1) this.#word(String.fromCharCode(character));
    else if (digit[character] === 1 || character === MINUS) this.#numberOrWord(character);
    else if (character === DOUBLE_QUOTE || character === SINGLE_QUOTE) this.#quoted(character);
    // yylex hands on a NUL byte as it is, which is yacc's end of input.
    else if (character === END || character === 0) this.kind = "end";
    else this.#punctuation(String.fromCharCode(character));
  }

  #skipBlanks(): number {
    this.characters.run(blank);
    let character = this.characters.next();
    while (character === 32 || character === 9) character = this.characters.next();
    return character;
  }

  /** Reads `$name` and splices its value in; false if a token (bad or end) was made instead. */
  #expandMacro(): boolean {
    let name = "";
    for (;;) {
      const character = this.characters.next();
      if (character === END) {
        this.kind = "end";
        return false;
      }
      if (name.length + 1 >= MAX_TOKEN - 1) return this.#bad("string too long");
      if (macroName[character] !== 1) {
        this.characters.back(character);
        break;
      }
      name += String.fromCharCode(character);
    }
    const value = this.#duties.macro(name);
    if (value === undefined) return this.#bad(`macro '${name}' not defined`);
    this.characters.expand(value);
    return true;
  }

  /** Reports an error, skips the line with its newline, and leaves a token that fits nowhere. */
  #bad(text: string): false {
    this.#duties.error(text);
    let character: number;
    do character = this.characters.next();
    while (character !== NEWLINE && character !== END);
    if (character === NEWLINE) this.characters.countLine();
    // pfctl names the last line that it has joined on the way.
    this.line = Math.max(this.line, this.characters.joinedLine);
    this.kind = "bad";
    return false;
  }

  #quoted(quote: number): void {
    const { characters } = this;
    let text = "";
    for (;;) {
      let character = this.#inQuotes(quote);
      if (character === END) {
        this.kind = "end";
        return;
      }
      if (character === NEWLINE) {
        characters.countLine();
        continue;
      }
      if (character === BACKSLASH) {
        const escaped = this.#inQuotes(quote);
        if (escaped === END) {
          this.kind = "end";
          return;
        }
        if (escaped === NEWLINE) {
          characters.countLine();
          continue;
        }
        if (escaped === quote || escaped === 32 || escaped === 9) character = escaped;
        else characters.back(escaped);
      } else if (character === quote) break;
      else if (character === 0) {
        this.#bad("syntax error");
        return;
      }
      if (text.length + 1 >= MAX_TOKEN - 1) {
        this.#bad("string too long");
        return;
      }
      text += String.fromCharCode(character);
    }
    this.kind = "string";
    this.text = text;
  }

  /** A character inside quotes. An included file that ends there closes the quote, the main file ends everything. */
  #inQuotes(quote: number): number {
    const character = this.characters.raw();
    if (character !== END) return character;
    this.#duties.error("reached end of file while parsing quoted string");
    return this.characters.leave() ? quote : END;
  }

  #word(start: string): void {
    const { characters } = this;
    let text = start;
    for (;;) {
      text += characters.run(wordPart);
      const character = characters.next();
      // A joined line or an escaped character continues the same word.
      if (character === END || (wordPart[character] !== 1 && character !== BACKSLASH)) {
        characters.back(character);
        break;
      }
      text += String.fromCharCode(character);
    }
    if (text.length >= MAX_TOKEN) {
      this.#bad("string too long");
      return;
    }
    this.text = text;
    this.kind = this.#keywords.has(text) ? text : "string";
  }

  #numberOrWord(first: number): void {
    const { characters } = this;
    const mark = characters.mark();
    let text = String.fromCharCode(first);
    let character: number;
    for (;;) {
      text += characters.run(digit);
      character = characters.next();
      if (digit[character] !== 1) break;
      text += String.fromCharCode(character);
    }
    characters.back(character);
    if (text.length >= MAX_TOKEN) this.#bad("string too long");
    else if (text === "-") this.#dash(character);
    else if (character === END || numberEnd[character] === 1) this.#number(text);
    else if (first === MINUS) {
      characters.reset(mark);
      this.kind = "-";
    } else this.#word(text);
  }

  /** `->` is the arrow of old translation rules; elsewhere the dash is a token. */
  #dash(following: number): void {
    this.kind = "-";
    if (following !== ARROW_HEAD || !this.#keywords.has("->")) return;
    this.characters.next();
    this.kind = "->";
  }

  #number(text: string): void {
    const value = Number(text);
    // strtonum(3) with the limits of a long long.
    if (value >= 2 ** 63 || value < -(2 ** 63)) {
      this.#bad(`"${text}" invalid number: ${text.startsWith("-") ? "too small" : "too large"}`);
      return;
    }
    this.kind = "number";
    this.number = value === 0 ? 0 : value;
    this.text = this.number === 0 ? "0" : text.replace(/^(-?)0+/, "$1");
  }

  #punctuation(character: string): void {
    const second = operators[character];
    this.kind = character;
    if (second === undefined) return;
    const following = this.characters.next();
    const text = following === END ? "" : String.fromCharCode(following);
    if (text !== "" && second.includes(text)) this.kind = character + text;
    else this.characters.back(following);
  }
}
