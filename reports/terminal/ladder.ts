/**
 * The ladder of one play in the terminal: three lifelines, both control dialogues with virtual times, the anchor's
 * rules as they appear (+) and vanish (−), data connections, dropped packets with their rule. 60 columns and wider;
 * from 150 on, the rules are beside the lines.
 *
 *     process.stdout.write(terminalLadder(play, { width: 80, colors, log: true }));
 */
import { type LaidArrow, type LaidLadder, type LaidRow, type LaidText, layLadder } from "../ladder/layout.ts";
import type { Tone } from "../ladder/row-look.ts";
import type { LadderOptions } from "../ladder/rows.ts";
import type { PlayResult } from "../model.ts";
import { padText, textWidth } from "../text.ts";
import { type Colors, plainColors } from "./output.ts";

export interface TerminalLadderOptions extends LadderOptions {
  /** Columns to fill; default 80. */
  readonly width?: number;
  readonly colors?: Colors;
}

export function terminalLadder(play: PlayResult, options: TerminalLadderOptions = {}): string {
  const { width = 80, colors = plainColors } = options;
  const laid = layLadder(play, options, (longTimes, ruled) => ({
    width,
    timeWidth: longTimes || 8,
    panelWidth: ruled && width >= 150 ? Math.floor(width * 0.4) : 0,
    inset: 4,
    arrowBelow: 0,
    rowGap: 0,
  }));
  return `${drawLadder(laid, colors).join("\n")}\n`;
}

function drawLadder(laid: LaidLadder, colors: Colors): string[] {
  const grid = new CellGrid(laid.width, laid.height);
  for (const { x } of laid.lanes) {
    for (let y = laid.headHeight; y < laid.height; y++) grid.text(x, y, "│", "quiet");
  }
  const proxyX = laid.lanes[1]?.x ?? 0;
  for (const { fromY, toY } of laid.open) {
    for (let y = Math.floor(fromY); y < Math.ceil(toY); y++) grid.text(proxyX, y, "┃", "anchor");
  }
  for (const row of laid.rows) {
    for (const arrow of row.arrows) drawArrow(grid, arrow);
    for (const text of row.texts) drawText(grid, text, row);
  }
  for (const { x, y, text, tone } of laid.heads) grid.text(x, y, text, tone);
  return grid.lines((text, tone) => paintTone(text, tone, colors));
}

function drawText(grid: CellGrid, { x, y, text, tone, across }: LaidText, row: LaidRow): void {
  // A blank on each side separates text from its arrow; text across the lanes covers them.
  const inArrow = tone !== "time" && row.arrows.some((arrow) => arrow.y === y && arrow.weight !== "leader");
  if (inArrow) grid.text(x - 1, y, ` ${text} `, tone);
  else grid.text(x, y, across === undefined ? text : padText(text, across), tone);
}

function drawArrow(grid: CellGrid, arrow: LaidArrow): void {
  const [left, right] = [Math.min(arrow.fromX, arrow.toX), Math.max(arrow.fromX, arrow.toX)];
  const y = Math.floor(arrow.y);
  const stroke = arrow.weight === "thick" ? (arrow.dashed ? "╍" : "━") : arrow.dashed ? "╌" : "─";
  grid.text(left + 1, y, stroke.repeat(Math.max(0, right - left - 1)), arrow.tone);
  const rightwards = arrow.toX > arrow.fromX;
  if (arrow.end === "head") grid.text(rightwards ? right - 1 : left + 1, y, rightwards ? "▶" : "◀", arrow.tone);
  if (arrow.end === "cross") grid.text(rightwards ? right - 1 : left + 1, y, "✕", arrow.tone);
}

function paintTone(text: string, tone: Tone, colors: Colors): string {
  switch (tone) {
    case "time":
    case "quiet":
    case "who":
    case "control":
      return colors.dim(text);
    case "replaced":
      return colors.dim(colors.strikethrough(text));
    case "opaque":
      return colors.magenta(text);
    case "rewritten":
      return colors.yellow(text);
    case "data":
      return colors.cyan(text);
    case "appeared":
      return colors.green(text);
    case "vanished":
      return colors.yellow(text);
    case "anchor":
      return colors.blue(text);
    case "bad":
      return colors.red(text);
    case "head":
      return colors.bold(text);
    case "plain":
      return text;
  }
}

/**
 * A sheet of character cells to draw on, each with a tone; later drawing covers earlier. Wide characters take two
 * cells, combining marks stay with the character before them.
 */
class CellGrid {
  readonly #cells: { text: string; tone: Tone }[][];

  constructor(width: number, height: number) {
    this.#cells = Array.from({ length: height }, () =>
      Array.from({ length: width }, () => ({ text: " ", tone: "plain" })),
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
