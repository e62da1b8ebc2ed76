/**
 * The place of everything on a ladder, in character cells: one layout for the terminal (a cell is a character) and
 * for the drawing (a cell is a box of a monospaced font). Pure: a play and metrics in, coordinates out.
 * Rules lie between the lines, or in a panel beside them if the metrics have one.
 *
 *     const laid = layLadder(play, { log: true }, () => metrics);
 */
import type { PlayResult } from "../model.ts";
import { cutText, textWidth, wrapText } from "../text.ts";
import { timeText } from "../wording.ts";
import { excerptOf, withReason } from "./excerpt.ts";
import { type Lane, lanesOf, middleLane } from "./lanes.ts";
import { type ArrowShape, arrowShape, rowLines, type Tone, type TonedLine } from "./row-look.ts";
import { type LadderOptions, type LadderRow, type Leg, ladderRows } from "./rows.ts";

export interface LadderMetrics {
  /** Cells in all. */
  readonly width: number;
  /** Cells of the column of times. */
  readonly timeWidth: number;
  /** Cells of the panel of rules; 0 puts the rules between the lines. */
  readonly panelWidth: number;
  /** Cells between a lifeline and text beside it. */
  readonly inset: number;
  /** How far below the last line of its text an arrow runs; 0 puts the text into the arrow. */
  readonly arrowBelow: number;
  readonly rowGap: number;
}

export interface LaidText {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly tone: Tone;
  /** The text covers the lifelines on this many cells. */
  readonly across?: number;
}

export interface LaidArrow extends ArrowShape {
  readonly fromX: number;
  readonly toX: number;
  readonly y: number;
}

export interface LaidRow {
  readonly row: LadderRow;
  readonly y: number;
  readonly texts: readonly LaidText[];
  readonly arrows: readonly LaidArrow[];
}

export interface LaidLadder {
  readonly width: number;
  readonly height: number;
  readonly headHeight: number;
  readonly lanes: readonly { readonly lane: Lane; readonly x: number }[];
  readonly heads: readonly LaidText[];
  readonly rows: readonly LaidRow[];
  /** From where to where the anchor holds rules; an end at `height` means that they were never removed. */
  readonly open: readonly { readonly fromY: number; readonly toY: number }[];
}

interface Frame {
  readonly metrics: LadderMetrics;
  readonly laneX: readonly number[];
  readonly panelX: number;
}

const headHeight = 2;

/** `metricsFor` gets the width that the times of a long play need (0: no more than usual) and whether rules are shown. */
export function layLadder(
  play: PlayResult,
  options: LadderOptions,
  metricsFor: (longTimes: number, ruled: boolean) => LadderMetrics,
): LaidLadder {
  const lanes = lanesOf(play);
  const all = ladderRows(play, options);
  const rows = options.excerpt === true ? excerptOf(all, play) : withReason(all, play);
  const last = Math.max(0, ...rows.map((row) => row.atMs));
  const longTimes = last >= 3_600_000 ? 15 : last >= 60_000 ? 11 : 0;
  const metrics = metricsFor(
    longTimes,
    rows.some((row) => row.kind === "rules"),
  );
  const frame = frameOf(lanes, metrics);
  const laid: LaidRow[] = [];
  const open: { fromY: number; toY: number }[] = [];
  const left = new Map<string, number>();
  let openedAt: number | undefined;
  let y = headHeight + metrics.rowGap;
  let panelY = y;
  let time = "";
  for (const row of rows) {
    const at = timeText(row.atMs);
    const label = at === time ? [] : [timeAt(at, y, metrics)];
    time = at;
    const placed = layRow(row, y, Math.max(y, panelY), frame);
    laid.push({ row, y, texts: [...label, ...placed.texts], arrows: placed.arrows });
    if (row.kind === "rules") {
      left.set(row.anchor, row.left);
      const held = [...left.values()].some((count) => count > 0);
      if (held && openedAt === undefined) openedAt = y + 0.5;
      if (!held && openedAt !== undefined) {
        open.push({ fromY: openedAt, toY: y + 0.5 });
        openedAt = undefined;
      }
      panelY = placed.panelEnd + metrics.rowGap;
    }
    y += placed.height + metrics.rowGap;
  }
  const height = Math.max(y, panelY);
  if (openedAt !== undefined) open.push({ fromY: openedAt, toY: height });
  return {
    width: metrics.width,
    height,
    headHeight,
    lanes: lanes.map((lane, index) => ({ lane, x: frame.laneX[index]! })),
    heads: headsOf(lanes, frame),
    rows: laid,
    open,
  };
}

function frameOf(lanes: readonly Lane[], metrics: LadderMetrics): Frame {
  const right = metrics.panelWidth > 0 ? metrics.width - metrics.panelWidth - 3 : metrics.width - 1;
  const gap = Math.floor((right - metrics.timeWidth) / (lanes.length - 1));
  const laneX = lanes.map((_, index) => metrics.timeWidth + index * gap);
  return { metrics, laneX, panelX: metrics.width - metrics.panelWidth };
}

interface Placed {
  readonly height: number;
  readonly texts: readonly LaidText[];
  readonly arrows: readonly LaidArrow[];
  /** The next free line of the panel. */
  readonly panelEnd: number;
}

function layRow(row: LadderRow, y: number, panelY: number, frame: Frame): Placed {
  const lines = rowLines(row);
  switch (row.kind) {
    case "message": {
      const arrow = legRow(lines, row.legs, arrowShape(row), y, frame);
      if (row.why === undefined) return arrow;
      const why = noteRow([{ text: `! ${row.why}`, tone: "bad" }], y + arrow.height, frame);
      return { ...arrow, height: arrow.height + why.height, texts: [...arrow.texts, ...why.texts] };
    }
    case "connection":
      return legRow(lines, [row.leg], arrowShape(row), y, frame);
    case "drop": {
      if (row.leg === undefined) return noteRow(lines, y, frame);
      const [packet, ...cause] = lines;
      const arrow = legRow(packet === undefined ? [] : [packet], [row.leg], arrowShape(row), y, frame);
      const below = y + arrow.height;
      const area = legArea(row.leg, frame);
      const beside = laidTexts(cause, area.x, below, area.width);
      const why = beside.length <= 3 ? beside : noteRow(cause, below, frame).texts;
      return { ...arrow, height: arrow.height + why.length, texts: [...arrow.texts, ...why] };
    }
    case "rules":
      return frame.metrics.panelWidth > 0 ? panelRow(lines, y, panelY, frame) : noteRow(lines, y, frame);
    case "kept-out":
    case "note":
      return noteRow(lines, y, frame);
  }
}

/** Text between the lanes of the first leg, and an arrow for each leg. */
function legRow(lines: readonly TonedLine[], legs: readonly Leg[], shape: ArrowShape, y: number, frame: Frame): Placed {
  const area = legArea(legs[0]!, frame);
  const texts = laidTexts(lines, area.x, y, area.width);
  const arrowY = y + texts.length - 1 + frame.metrics.arrowBelow;
  const arrows = legs.map(({ from, to }) => ({
    fromX: frame.laneX[from] ?? 0,
    toX: frame.laneX[to] ?? 0,
    y: arrowY,
    ...shape,
  }));
  return { height: texts.length + frame.metrics.arrowBelow, texts, arrows, panelEnd: y };
}

function legArea(leg: Leg, frame: Frame): { x: number; width: number } {
  const [left, right] = [leg.from, leg.to].map((lane) => frame.laneX[lane] ?? 0).sort((a, b) => a - b) as [
    number,
    number,
  ];
  return { x: left + frame.metrics.inset, width: right - left - 2 * frame.metrics.inset + 1 };
}

const hang = "  ";

/** Text across all lanes. */
function noteRow(lines: readonly TonedLine[], y: number, frame: Frame): Placed {
  const x = frame.laneX[0]! + 2;
  const width = frame.laneX.at(-1)! - x - 1;
  const texts = laidTexts(lines, x, y, width, hang).map((text) => ({ ...text, across: width }));
  return { height: texts.length, texts, arrows: [], panelEnd: y };
}

function panelRow(lines: readonly TonedLine[], y: number, panelY: number, frame: Frame): Placed {
  const texts = laidTexts(lines, frame.panelX, panelY, frame.metrics.panelWidth, hang);
  const leader = { weight: "leader", dashed: true, end: "none", tone: "anchor" } as const;
  const arrows = panelY === y ? [{ fromX: frame.laneX[middleLane]!, toX: frame.panelX - 1, y, ...leader }] : [];
  return { height: 1, texts, arrows, panelEnd: panelY + texts.length };
}

function laidTexts(lines: readonly TonedLine[], x: number, y: number, width: number, indent = ""): LaidText[] {
  const wrapped = lines.flatMap(({ text, tone }) => {
    const [first = "", ...rest] = wrapText(text, width - indent.length);
    return [first, ...rest.map((line) => indent + line)].map((line) => ({ text: line, tone }));
  });
  return wrapped.map((line, index) => ({ x, y: y + index, ...line }));
}

function timeAt(text: string, y: number, metrics: LadderMetrics): LaidText {
  return { x: Math.max(0, metrics.timeWidth - 2 - textWidth(text)), y, text, tone: "time" };
}

/** Names over their lifelines; the first starts and the last ends with its own. */
function headsOf(lanes: readonly Lane[], frame: Frame): LaidText[] {
  const gap = frame.laneX[1]! - frame.laneX[0]!;
  return lanes.flatMap((lane, index) => {
    const x = frame.laneX[index]!;
    const place = (text: string, y: number, tone: Tone): LaidText => {
      const cut = cutText(text, Math.floor(gap * 0.6));
      const width = textWidth(cut);
      const start = index === 0 ? x : index === lanes.length - 1 ? x - width + 1 : x - Math.floor(width / 2);
      return { x: start, y, text: cut, tone };
    };
    const who = lane.who === undefined ? [] : [place(lane.who, 1, "who")];
    return [place(lane.name, 0, "head"), ...who];
  });
}
