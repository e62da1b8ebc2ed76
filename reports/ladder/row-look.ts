/**
 * How a row of the ladder looks: its lines of text, each in a tone, and the shape of its arrow. The drawing code
 * chooses a colour or weight for each tone; words and shapes carry every distinction too.
 *
 *     rowLines(row) // [{ text: "USER anonymous", tone: "plain" }]
 */
import { timeText } from "../wording.ts";
import type { LadderRow, RowOf } from "./rows.ts";

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

export interface TonedLine {
  readonly text: string;
  readonly tone: Tone;
}

export interface ArrowShape {
  readonly weight: "thin" | "thick" | "leader";
  readonly dashed: boolean;
  readonly end: "head" | "cross" | "none";
  readonly tone: Tone;
}

type ArrowRow = RowOf<"message" | "connection" | "drop">;

/** Lines still to be wrapped. Of a dropped packet on its way the first is the packet, the other the cause. */
export function rowLines(row: LadderRow): TonedLine[] {
  switch (row.kind) {
    case "message": {
      const old = row.insteadOf === undefined ? [] : [{ text: `was ${row.insteadOf}`, tone: "replaced" as const }];
      return [...old, { text: row.text, tone: rowTone(row) }];
    }
    case "connection":
      return [{ text: row.text, tone: rowTone(row) }];
    case "drop": {
      const cause = row.cause + againText(row.again);
      if (row.leg === undefined) return [{ text: `✕ ${row.packet} ${cause}`, tone: "bad" }];
      return [row.packet, cause].map((text) => ({ text, tone: "bad" }));
    }
    case "rules":
      return ruleLines(row);
    case "kept-out":
      return [{ text: keptOutText(row), tone: "quiet" }];
    case "note":
      return [{ text: `${noteSigns[row.tone]} ${row.text}`, tone: noteTones[row.tone] ?? "quiet" }];
  }
}

export function arrowShape(row: ArrowRow): ArrowShape {
  const tone = rowTone(row);
  switch (row.kind) {
    case "message":
      return { weight: "thin", dashed: row.opaque, end: "head", tone };
    case "drop":
      return { weight: "thin", dashed: false, end: "cross", tone };
    case "connection": {
      const weight = row.channel === "data" ? "thick" : "thin";
      if (tone === "bad") return { weight, dashed: true, end: "cross", tone };
      if (row.event === "opened") return { weight, dashed: row.channel === "control", end: "head", tone };
      return { weight, dashed: true, end: row.event === "half-closed" ? "head" : "none", tone };
    }
  }
}

function rowTone(row: ArrowRow): Tone {
  switch (row.kind) {
    case "message":
      if (row.opaque) return "opaque";
      return row.insteadOf === undefined ? "plain" : "rewritten";
    case "drop":
      return "bad";
    case "connection":
      if (row.event === "refused" || row.event === "no-answer" || row.event === "reset") return "bad";
      return row.channel;
  }
}

const noteSigns = { log: "»", step: "·", state: "~", expected: "+", warning: "»", bad: "!", broke: "✕" } as const;
/** An expected connection has the colour of a rule, since it has the same effect. */
const noteTones: Partial<Record<RowOf<"note">["tone"], Tone>> = {
  expected: "appeared",
  warning: "bad",
  bad: "bad",
  broke: "bad",
};

function ruleLines(row: RowOf<"rules">): TonedLine[] {
  const changed = row.appeared.length + row.vanished.length > 0;
  const holds = row.left === 0 ? "empty" : `${row.left} rule${row.left === 1 ? "" : "s"}`;
  return [
    { text: `anchor ${row.anchor}: ${holds}${changed ? "" : ", as before"}`, tone: "anchor" },
    ...row.vanished.map((rule): TonedLine => ({ text: `− ${rule}`, tone: "vanished" })),
    ...row.appeared.map((rule): TonedLine => ({ text: `+ ${rule}`, tone: "appeared" })),
  ];
}

/** `; 5 times more until 31.030`. */
function againText(again: readonly number[]): string {
  const last = again.at(-1);
  if (last === undefined) return "";
  return `; ${again.length === 1 ? "once" : `${again.length} times`} more until ${timeText(last)}`;
}

/** `? intruder kept out: 198.51.100.66 > 198.51.100.1:49999; SYN: no answer`; each address once. */
function keptOutText({ tries, what, result }: RowOf<"kept-out">): string {
  const once = (side: "from" | "to"): string => [...new Set(tries.map((each) => each[side]))].join(", ");
  const times = tries.length === 1 ? "" : ` ${tries.length} times`;
  return `? intruder kept out${times}: ${once("from")} > ${once("to")}; ${what}: ${result}`;
}
