/**
 * How wide text is in character cells, and how to fit it: wrap at blanks, cut with an ellipsis, pad.
 * Wide East Asian characters take two cells, combining marks none. Text must be `visible` already.
 *
 *     wrapText("227 Entering Passive Mode", 12) // ["227 Entering", "Passive Mode"]
 */
import { eastAsianWidth } from "get-east-asian-width";

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

/** At most `width` cells; what is cut is told by `…`. */
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
