/**
 * Prepares foreign text for printing: escaped, measured in character cells, wrapped, cut, padded.
 *
 * Servers, clients and logs may send terminal escapes, NULs, right-to-left overrides or broken surrogates. Every report
 * passes their text through `visible` before its own quoting (XML, HTML, Markdown), and before it measures the text.
 *
 *     visible("220 \u001b[31mhi\r\n") // "220 \\x1b[31mhi\\r\\n"
 *     wrapText("227 Entering Passive Mode", 12) // ["227 Entering", "Passive Mode"]
 */
import { eastAsianWidth } from "get-east-asian-width";

/** Control (Cc), format and bidi (Cf), line separators (Zl, Zp), lone surrogates (Cs), and what XML 1.0 forbids. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/** One line: every invisible character becomes a C-like escape. */
export function visible(text: string): string {
  return text.replace(invisible, escapeOf);
}

/** Several lines: as `visible`, but line ends stay, and tabs become blanks. */
export function visibleLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => visible(line.replaceAll("\t", "    ")))
    .join("\n");
}

function escapeOf(character: string): string {
  switch (character) {
    case "\r":
      return "\\r";
    case "\n":
      return "\\n";
    case "\t":
      return "\\t";
    default: {
      const code = character.codePointAt(0) ?? 0;
      return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
    }
  }
}

const combining = /\p{M}/u;

export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  return combining.test(character) ? 0 : eastAsianWidth(code);
}

/** Greedy lines of at most `width` cells; a word longer than that is broken where it must be. Never empty. */
export function wrapText(text: string, width: number): string[] {
  const limit = Math.max(2, width); // a wide character needs two
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const piece of text.split(/( +)/)) {
    const pieceWidth = textWidth(piece);
    const blank = piece.startsWith(" ");
    if (used + pieceWidth <= limit) {
      line += piece;
      used += pieceWidth;
      continue;
    }
    if (!blankOnly(line)) lines.push(withoutEnd(line));
    line = "";
    used = 0;
    if (blank) continue;
    for (const character of piece) {
      const step = characterWidth(character);
      if (used + step > limit) {
        lines.push(line);
        line = "";
        used = 0;
      }
      line += character;
      used += step;
    }
  }
  if (!blankOnly(line) || lines.length === 0) lines.push(withoutEnd(line));
  return lines;
}

// Only U+0020 is a blank here: String.trim would take other spaces, which are part of the text.
const blankOnly = (line: string): boolean => /^ *$/.test(line);
const withoutEnd = (line: string): string => line.replace(/ +$/, "");

/** At most `width` cells; a cut text ends in `…`. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = "";
  let used = 0;
  for (const character of text) {
    const step = characterWidth(character);
    if (used + step > width - 1) break;
    cut += character;
    used += step;
  }
  return width < 1 ? "" : `${cut}…`;
}

export function padText(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}
