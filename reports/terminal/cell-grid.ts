/**
 * A sheet of character cells to draw on, each with a tone; later drawing covers earlier. Wide characters take two
 * cells, combining marks stay with the character before them.
 *
 *     grid.text(4, 0, "PASV", "plain"); grid.lines(paint)
 */
import type { Tone } from "../ladder/row-look.ts";
import { textWidth } from "../text-width.ts";

interface GridCell {
  text: string;
  tone: Tone;
}

export class CellGrid {
  readonly #cells: GridCell[][];

  constructor(width: number, height: number) {
    this.#cells = Array.from({ length: height }, () =>
      Array.from({ length: width }, (): GridCell => ({ text: " ", tone: "plain" })),
    );
  }

  text(x: number, y: number, text: string, tone: Tone): void {
    const row = this.#cells[y];
    if (row === undefined) return;
    let at = x;
    for (const character of text) {
      const width = textWidth(character);
      const before = row[at - 1];
      if (width === 0 && before !== undefined) before.text += character;
      if (width === 0) continue;
      if (row[at] === undefined || row[at + width - 1] === undefined) return;
      row[at] = { text: character, tone };
      if (width === 2) row[at + 1] = { text: "", tone };
      at += width;
    }
  }

  /** The rows as text, blanks at their ends cut; `paint` colours a run of one tone. */
  lines(paint: (text: string, tone: Tone) => string): string[] {
    return this.#cells.map((row) => {
      const end = row.findLastIndex((cell) => cell.text !== " ") + 1;
      let line = "";
      let start = 0;
      for (let at = 1; at <= end; at++) {
        if (at < end && row[at]?.tone === row[start]?.tone) continue;
        const cells = row.slice(start, at);
        line += paint(cells.map((cell) => cell.text).join(""), cells[0]?.tone ?? "plain");
        start = at;
      }
      return line;
    });
  }
}
