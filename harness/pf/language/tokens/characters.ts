/**
 * The lexer's input: the text, macro values spliced into it, and included files on top of one
 * another. It knows line joins (`\` + newline) and the end-of-file rules, nothing of tokens.
 *
 * A macro value is read as if it stood in the text, so `$if:network` with `if = "em0"` reads `em0:network`.
 * Every file ends with one extra newline: a last line without one is still a line. Older releases want it written.
 */

import { Fatal, MAX_MACRO_TEXT } from "./limits.ts";

/** No more input. */
export const END = -1;

export const NEWLINE = 10;
/** pfctl marks a spliced macro with these; in a file it skips them, and the first makes `$` an ordinary character. */
const EXPANSION_STARTS = 1;
const EXPANSION_ENDS = 2;
const BACKSLASH = 92;

interface Source {
  readonly name: string;
  readonly text: string;
  position: number;
  line: number;
  ended: boolean;
  /** A character given back, or the newline that an `include` puts before its file; 0: none. */
  pending: number;
  /** Likewise, but given back before a macro's value was spliced in: read after that. */
  behind: number;
}

/** A place to come back to within the current file. */
export interface Mark {
  readonly position: number;
  readonly pending: number;
  readonly behind: number;
  readonly expansion: string | undefined;
  readonly expansionPosition: number;
}

export class Characters {
  readonly #files: Source[] = [];
  #file: Source;
  #expansion: string | undefined;
  #expansionPosition = 0;
  #expanded = 0;
  /** After a marker in the file itself. */
  #marked = false;
  /** The last line that ended in a backslash, joined to the next one. */
  joinedLine = 0;

  readonly #addsNewline: boolean;

  constructor(name: string, text: string, addsNewline = true) {
    this.#addsNewline = addsNewline;
    this.#file = { name, text, position: 0, line: 1, ended: false, pending: 0, behind: 0 };
  }

  get file(): string {
    return this.#file.name;
  }

  get line(): number {
    return this.#file.line;
  }

  /** How many files are open, the outermost included. */
  get depth(): number {
    return this.#files.length + 1;
  }

  /** True while characters come out of a macro, where `$` is an ordinary character. */
  get expanding(): boolean {
    return this.#expansion !== undefined || this.#marked;
  }

  countLine(): void {
    this.#file.line++;
  }

  /** Reads `text` first, then continues here. Its lines count from 1 after the newline put before it. */
  include(name: string, text: string): void {
    this.#files.push(this.#file);
    this.#file = { name, text, position: 0, line: 0, ended: false, pending: NEWLINE, behind: 0 };
  }

  /** Splices a macro's value in at this point. */
  expand(value: string): void {
    this.#expanded += value.length;
    if (this.#expanded > MAX_MACRO_TEXT) throw new Fatal("macros expand to too much text");
    this.#expansion = value;
    this.#expansionPosition = 0;
    this.#file.behind = this.#file.pending;
    this.#file.pending = 0;
  }

  mark(): Mark {
    return {
      position: this.#file.position,
      pending: this.#file.pending,
      behind: this.#file.behind,
      expansion: this.#expansion,
      expansionPosition: this.#expansionPosition,
    };
  }

  /** Back to a mark of the same file. */
  reset(mark: Mark): void {
    this.#file.position = mark.position;
    this.#file.pending = mark.pending;
    this.#file.behind = mark.behind;
    this.#expansion = mark.expansion;
    this.#expansionPosition = mark.expansionPosition;
  }

  /** The next character, unchanged (inside quotes); END at the end of this file. */
  raw(): number {
    const file = this.#file;
    if (file.pending !== 0) {
      const character = file.pending;
      file.pending = 0;
      return character;
    }
    if (this.#expansion !== undefined) {
      if (this.#expansionPosition < this.#expansion.length) {
        return this.#expansion.charCodeAt(this.#expansionPosition++);
      }
      this.#expansion = undefined;
      this.#marked = false;
      const character = file.behind;
      file.behind = 0;
      if (character !== 0) return character;
    }
    for (;;) {
      const character = file.position < file.text.length ? file.text.charCodeAt(file.position++) : END;
      if (character !== EXPANSION_STARTS && character !== EXPANSION_ENDS) return character;
      this.#marked = character === EXPANSION_STARTS;
    }
  }

  /** The next character outside quotes: lines joined, ends of files turned into newlines. */
  next(): number {
    let character = this.raw();
    while (character === BACKSLASH) {
      character = this.raw();
      if (character !== NEWLINE) break;
      this.joinedLine = this.#file.line++;
      character = this.raw();
    }
    if (character !== END) return character;
    if (!this.#file.ended && this.#addsNewline) {
      this.#file.ended = true;
      return NEWLINE;
    }
    do {
      if (!this.leave()) return END;
      character = this.raw();
    } while (character === END);
    return character;
  }

  /** Closes the current file; false if it is the outermost. */
  leave(): boolean {
    const outer = this.#files.pop();
    if (outer === undefined) return false;
    this.#file = outer;
    return true;
  }

  /** Gives one character back to be read again. */
  back(character: number): void {
    if (character !== END) this.#file.pending = character;
  }

  /** Reads the longest run of characters whose entry in `set` is 1, as far as it lies in one piece; "" if none. */
  run(set: Uint8Array): string {
    if (this.#file.pending !== 0) return "";
    const inMacro = this.#expansion !== undefined;
    const text = this.#expansion ?? this.#file.text;
    const start = inMacro ? this.#expansionPosition : this.#file.position;
    let end = start;
    while (end < text.length && set[text.charCodeAt(end)] === 1) end++;
    if (inMacro) this.#expansionPosition = end;
    else this.#file.position = end;
    return text.slice(start, end);
  }
}
