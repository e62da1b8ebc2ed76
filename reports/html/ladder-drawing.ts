/**
 * The ladder as SVG, from the same layout as the terminal's: a cell is 7.25 × 17 units. It has only classes and attributes,
 * and no style, so that it obeys the page's colours (light, dark, print) and a strict Content-Security-Policy.
 *
 *     ladderDrawing(play, { cells: 160, log: true }).text // "<svg …"
 */
import { type LaidArrow, type LaidLadder, type LaidRow, type LaidText, layLadder } from "../ladder/layout.ts";
import type { LadderOptions } from "../ladder/rows.ts";
import type { PlayResult } from "../model.ts";
import { timeText } from "../wording.ts";
import { type Markup, markup } from "./markup.ts";

export interface DrawingOptions extends LadderOptions {
  /** Width to fill, in cells; from 128 on the rules are in a panel beside the lines. */
  readonly cells: number;
}

/** Width of a cell: 0.604 em of a 12 unit monospaced font, the widest that is common. */
export const cellWidth = 7.25;
const cellHeight = 17;
/** Lines longer than this are no easier to read. */
const mostWithoutPanel = 116;
/** From the top of a cell to the base line of its text. */
const baseLine = 12.5;

export function ladderDrawing(play: PlayResult, options: DrawingOptions): Markup {
  const laid = layLadder(play, options, (longTimes, ruled) => {
    const wide = ruled && options.cells >= 128;
    const timeWidth = longTimes || 9;
    const panelWidth = wide ? Math.floor((options.cells - timeWidth) * 0.38) : 0;
    const width = wide ? options.cells : Math.min(options.cells, mostWithoutPanel);
    return { width, timeWidth, panelWidth, inset: 2, arrowBelow: 0.58, rowGap: 0.4 };
  });
  return drawLadder(laid, `Ladder of ${play.id}`);
}

function drawLadder(laid: LaidLadder, label: string): Markup {
  const [width, height] = [px(laid.width * cellWidth), px((laid.height + 0.5) * cellHeight)];
  const lanes = laid.lanes.map(
    ({ x }) => markup`<line class="lane" x1="${xOf(x)}" y1="${yOf(laid.headHeight)}" x2="${xOf(x)}" y2="${height}"/>`,
  );
  const proxyX = xOf(laid.lanes[1]?.x ?? 0);
  const open = laid.open.map(({ fromY, toY }) => {
    const size = px((toY - fromY) * cellHeight);
    return markup`<rect class="open" x="${px(proxyX - 3.5)}" y="${yOf(fromY)}" width="7" height="${size}" rx="3.5"><title>the anchor holds rules</title></rect>`;
  });
  return markup`<svg class="drawing" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">
${lanes}${open}${laid.heads.map(drawText)}
${laid.rows.map(drawRow)}</svg>`;
}

function drawRow(laid: LaidRow): Markup {
  const broke = laid.row.kind === "note" && laid.row.tone === "broke";
  const card = (laid.row.kind === "rules" || broke) && laid.texts.length > 0 ? drawCard(laid) : undefined;
  const arrows = laid.arrows.map(drawArrow);
  return markup`<g class="row ${broke ? "broke" : laid.row.kind}"><title>${rowTitle(laid)}</title>${card}${arrows}${laid.texts.map(drawText)}</g>
`;
}

function drawText({ x, y, text, tone }: LaidText): Markup {
  return markup`<text class="${tone}" x="${px(x * cellWidth)}" y="${px(y * cellHeight + baseLine)}">${text}</text>`;
}

/** The times of both legs, which one column of times cannot show. */
function rowTitle({ row }: LaidRow): string {
  const times = row.kind === "message" ? row.legs.map((leg) => timeText(leg.atMs)) : [timeText(row.atMs)];
  return [...new Set(times)].join(" and ");
}

function drawCard(laid: LaidRow): Markup {
  const lines = laid.texts.filter(({ tone }) => tone !== "time");
  const [first, last] = [lines[0]!, lines.at(-1)!];
  const x = first.x * cellWidth - 9;
  const y = first.y * cellHeight - 1.5;
  const height = (last.y - first.y + 1) * cellHeight + 3;
  const left = laid.row.kind !== "rules" ? "broke" : laid.row.left > 0 ? "holding" : "emptied";
  return markup`<rect class="card ${left}" x="${px(x)}" y="${px(y)}" width="2.5" height="${px(height)}" rx="1.25"/>`;
}

function drawArrow(arrow: LaidArrow): Markup {
  const [from, to] = [xOf(arrow.fromX), xOf(arrow.toX)];
  const y = yOf(arrow.y + 0.5);
  const sign = Math.sign(to - from);
  const classes = `arrow ${arrow.weight} ${arrow.tone}${arrow.dashed ? " dashed" : ""}`;
  const reach = arrow.weight === "thick" ? 11 : 8;
  const half = arrow.weight === "thick" ? 5.5 : 3.8;
  switch (arrow.end) {
    case "none":
      return markup`<line class="${classes}" x1="${from}" y1="${y}" x2="${to}" y2="${y}"/>`;
    case "head": {
      const neck = px(to - sign * reach);
      const head = `M${to} ${y}L${neck} ${px(y - half)}L${neck} ${px(y + half)}Z`;
      return markup`<line class="${classes}" x1="${from}" y1="${y}" x2="${neck}" y2="${y}"/><path class="point ${arrow.tone}" d="${head}"/>`;
    }
    case "cross": {
      const at = px(to - sign * 12);
      const cross = `M${px(at - 5)} ${px(y - 5)}L${px(at + 5)} ${px(y + 5)}M${px(at - 5)} ${px(y + 5)}L${px(at + 5)} ${px(y - 5)}`;
      return markup`<line class="${classes}" x1="${from}" y1="${y}" x2="${at}" y2="${y}"/><path class="cross ${arrow.tone}" d="${cross}"/>`;
    }
  }
}

/** The middle of a cell. */
const xOf = (x: number): number => px((x + 0.5) * cellWidth);
const yOf = (y: number): number => px(y * cellHeight);
const px = (value: number): number => Math.round(value * 100) / 100;
