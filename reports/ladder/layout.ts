/**
 * Where everything on a ladder stands, in character cells: one layout for the terminal (a cell is a character) and
 * for the drawing (a cell is a box of a monospaced font). Pure: rows and metrics in, coordinates out.
 * Rules stand between the lines, or in a panel beside them when the metrics give one.
 *
 *     const laid = layLadder(lanesOf(play), ladderRows(play), terminalMetrics(80));
 */
import { cutText, textWidth, wrapText } from "../text-width.ts";
import { ladderTime } from "../time-text.ts";
import { type Lane, middleLane } from "./lanes.ts";
import type { LadderRow, Leg } from "./rows.ts";

export interface LadderMetrics {
  /** Cells in all. */
  readonly width: number;
  /** Cells of the column of times. */
  readonly timeWidth: number;
  /** Cells of the panel of rules; 0 puts the rules between the lines. */
  readonly panelWidth: number;
  /** Cells between a lifeline and text beside it. */
  readonly inset: number;
  /** How far below the last line of its text an arrow runs; 0 lets the text stand in the arrow. */
  readonly arrowBelow: number;
  readonly rowGap: number;
}

export type Tone =
  | "time"
  | "plain"
  | "opaque"
  | "rewritten"
  | "replaced"
  | "data"
  | "control"
  | "appeared"
  | "vanished"
  | "anchor"
  | "bad"
  | "quiet"
  | "head"
  | "who";

export interface LaidText {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly tone: Tone;
  /** Stands across lifelines, on this many cells that it has to itself. */
  readonly across?: number;
}

export interface LaidArrow {
  readonly fromX: number;
  readonly toX: number;
  readonly y: number;
  readonly weight: "thin" | "thick" | "leader";
  readonly dashed: boolean;
  readonly end: "head" | "cross" | "none";
  readonly tone: Tone;
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
  /** From where to where the anchor holds rules; an end at `height` means they were never taken away. */
  readonly open: readonly { readonly fromY: number; readonly toY: number }[];
}

interface Frame {
  readonly metrics: LadderMetrics;
  readonly laneX: readonly number[];
  readonly panelX: number;
}

const headHeight = 2;

export function layLadder(lanes: readonly Lane[], rows: readonly LadderRow[], metrics: LadderMetrics): LaidLadder {
  const frame = frameOf(lanes, metrics);
  const laid: LaidRow[] = [];
  const open: { fromY: number; toY: number }[] = [];
  const left = new Map<string, number>();
  let openedAt: number | undefined;
  let y = headHeight + metrics.rowGap;
  let panelY = y;
  let time = "";
  for (const row of rows) {
    const at = ladderTime(row.atMs);
    const timeText = at === time ? [] : [timeAt(at, y, metrics)];
    time = at;
    const placed = layRow(row, y, Math.max(y, panelY), frame);
    laid.push({ row, y, texts: [...timeText, ...placed.texts], arrows: placed.arrows });
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
  /** Where the panel goes on after this row. */
  readonly panelEnd: number;
}

function layRow(row: LadderRow, y: number, panelY: number, frame: Frame): Placed {
  const { metrics } = frame;
  switch (row.kind) {
    case "message": {
      const tone = row.opaque ? "opaque" : row.insteadOf === undefined ? "plain" : "rewritten";
      const shape = { weight: "thin", dashed: row.opaque, end: "head", tone } as const;
      const old = row.insteadOf === undefined ? [] : tell(`was ${row.insteadOf}`, "replaced");
      return legRow([...old, ...tell(row.text, tone)], row.legs, shape, y, frame);
    }
    case "connection":
      return legRow(tell(row.text, connectionTone(row)), [row.leg], connectionShape(row), y, frame);
    case "drop": {
      const cause = tell(row.cause, "bad");
      if (row.leg === undefined) return noteRow(tell(`✕ ${row.packet} ${row.cause}`, "bad"), y, frame);
      const shape = { weight: "thin", dashed: false, end: "cross", tone: "bad" } as const;
      const arrow = legRow(tell(row.packet, "bad"), [row.leg], shape, y, frame);
      const below = y + arrow.height;
      const area = legArea(row.leg, frame);
      const fits = wrapText(row.cause, area.width).length <= 3;
      const why = fits ? laidTexts(cause, area.x, below, area.width) : noteRow(cause, below, frame).texts;
      return { ...arrow, height: arrow.height + why.length, texts: [...arrow.texts, ...why] };
    }
    case "rules":
      return metrics.panelWidth > 0 ? panelRow(row, y, panelY, frame) : noteRow(ruleLines(row), y, frame, "  ");
    case "note":
      return noteRow(tell(`${noteSigns[row.tone]} ${row.text}`, row.tone === "bad" ? "bad" : "quiet"), y, frame, "  ");
  }
}

const noteSigns = { log: "»", step: "·", state: "~", probe: "?", bad: "!" } as const;

type Told = readonly { readonly text: string; readonly tone: Tone }[];

const tell = (text: string, tone: Tone): Told => [{ text, tone }];

/** Text between the lanes of the first leg, and an arrow for each leg. */
function legRow(
  told: Told,
  legs: readonly Leg[],
  shape: Pick<LaidArrow, "weight" | "dashed" | "end" | "tone">,
  y: number,
  frame: Frame,
): Placed {
  const area = legArea(legs[0]!, frame);
  const texts = laidTexts(told, area.x, y, area.width);
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

/** Text across all lanes. */
function noteRow(told: Told, y: number, frame: Frame, hang = ""): Placed {
  const x = frame.laneX[0]! + 2;
  const width = frame.laneX.at(-1)! - x - 1;
  const texts = laidTexts(told, x, y, width, hang).map((text) => ({ ...text, across: width }));
  return { height: texts.length, texts, arrows: [], panelEnd: y };
}

function panelRow(row: Extract<LadderRow, { kind: "rules" }>, y: number, panelY: number, frame: Frame): Placed {
  const texts = laidTexts(ruleLines(row), frame.panelX, panelY, frame.metrics.panelWidth, "  ");
  const leader = { weight: "leader", dashed: true, end: "none", tone: "anchor" } as const;
  const arrows = panelY === y ? [{ fromX: frame.laneX[middleLane]!, toX: frame.panelX - 1, y, ...leader }] : [];
  return { height: 1, texts, arrows, panelEnd: panelY + texts.length };
}

function ruleLines(row: Extract<LadderRow, { kind: "rules" }>): Told {
  const changed = row.appeared.length + row.vanished.length > 0;
  const holds = row.left === 0 ? "empty" : `${row.left} rule${row.left === 1 ? "" : "s"}`;
  return [
    { text: `anchor ${row.anchor}: ${holds}${changed ? "" : ", as before"}`, tone: "anchor" },
    ...row.vanished.map((rule) => ({ text: `− ${rule}`, tone: "vanished" as const })),
    ...row.appeared.map((rule) => ({ text: `+ ${rule}`, tone: "appeared" as const })),
  ];
}

function laidTexts(told: Told, x: number, y: number, width: number, hang = ""): LaidText[] {
  const lines = told.flatMap(({ text, tone }) => {
    const [first = "", ...rest] = wrapText(text, width - hang.length);
    return [first, ...rest.map((line) => hang + line)].map((line) => ({ text: line, tone }));
  });
  return lines.map((line, index) => ({ x, y: y + index, ...line }));
}

function connectionTone(row: Extract<LadderRow, { kind: "connection" }>): Tone {
  if (row.event === "refused" || row.event === "no-answer" || row.event === "reset") return "bad";
  return row.channel === "data" ? "data" : "control";
}

function connectionShape(
  row: Extract<LadderRow, { kind: "connection" }>,
): Pick<LaidArrow, "weight" | "dashed" | "end" | "tone"> {
  const tone = connectionTone(row);
  const weight = row.channel === "data" ? "thick" : "thin";
  switch (row.event) {
    case "opened":
      return { weight, dashed: row.channel === "control", end: "head", tone };
    case "closed":
    case "half-closed":
      return { weight, dashed: true, end: "none", tone };
    case "reset":
    case "refused":
    case "no-answer":
      return { weight, dashed: true, end: "cross", tone };
  }
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
