/**
 * Plays the chosen cells, lab after lab, and gathers the results in the order of the plan. It never throws
 * for a play that goes wrong: what went wrong is the result.
 */

import type { Grade, PlayResult, RunResult } from "../../reports/model.ts";
import { type LabKind, LabLost } from "../contract/lab.ts";
import { PlayerMissing } from "../contract/scenario.ts";
import { type Cell, cellId, describeCell, pfConfFor } from "../play/cell.ts";
import { play } from "../play/play.ts";
import { inLanes } from "./lanes.ts";
import type { PlannedCell } from "./selection.ts";

export interface RunnerOptions {
  readonly seed: number;
  readonly version: string;
  readonly planned: readonly PlannedCell[];
  /** Real time, for the report's head: milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
  /** Plays at once, in labs that can have several; default: as many as the lab recommends. */
  readonly jobs?: number;
  /** A play is about to begin. */
  readonly onStart?: (cell: Cell) => void;
  /** A lab tells something that people should know: "netns: …". */
  readonly onNote?: (text: string) => void;
  /** Is the packet capture wanted of a play that ended so? By default it is not. */
  readonly keepsCapture?: (grade: Grade) => boolean;
  /** A cell has its result; told in the plan's order. Whoever keeps the capture says under which name, for the report. */
  readonly onResult?: (result: PlayResult, capture?: Uint8Array) => Promise<string | undefined>;
}

interface Ended {
  readonly result: PlayResult;
  readonly capture?: Uint8Array;
}

export async function runPlays(options: RunnerOptions): Promise<RunResult> {
  const { planned, seed, version, now } = options;
  const startedAt = now();
  const plays: PlayResult[] = [];
  const labs = new Set(planned.filter(({ plan }) => plan === "play").map(({ cell }) => cell.lab));
  const ended = new Map<PlannedCell, Ended>();
  let telling = Promise.resolve();
  /** Results whose predecessors have all been told. */
  const tell = async () => {
    for (;;) {
      const next = planned[plays.length];
      const found = next && ended.get(next);
      if (next === undefined || found === undefined) return;
      ended.delete(next);
      const name = await options.onResult?.(found.result, found.capture);
      plays.push(name === undefined ? found.result : { ...found.result, capture: name });
    }
  };
  const missing = new Map<LabKind, string | undefined>();
  for (const lab of labs) missing.set(lab, await lab.unavailable());
  try {
    for (const lab of new Set(planned.map(({ cell }) => cell.lab))) {
      const all = planned.filter(({ cell }) => cell.lab === lab);
      const isReverse = ({ cell }: PlannedCell) => cell.side === "reverse";
      const here = lab.turnsSlowly ? [...all.filter((one) => !isReverse(one)), ...all.filter(isReverse)] : all;
      const count = lab.plays === undefined ? 1 : (options.jobs ?? lab.plays);
      await inLanes(here, count, async (one) => {
        if (one.plan === "play" && options.signal?.aborted !== true) options.onStart?.(one.cell);
        ended.set(one, await resultOf(one, options, missing.get(lab)));
        telling = telling.then(tell);
        await telling;
      });
    }
  } finally {
    for (const lab of labs) await lab.shutDown?.();
  }
  return {
    schema: 1,
    tool: { name: "anchorage", version },
    clock: { startedAt: new Date(startedAt).toISOString(), tookMs: now() - startedAt },
    seed,
    plays,
  };
}

async function resultOf(
  one: PlannedCell,
  { signal, keepsCapture, onNote }: RunnerOptions,
  missing: string | undefined,
): Promise<Ended> {
  const { cell } = one;
  if (one.plan !== "play") return { result: await unplayed(cell, one.plan, one.reason) };
  if (missing !== undefined) return { result: await unplayed(cell, "not-run", `${cell.lab.name} ${missing}`) };
  if (isBrokenOff(signal)) return interrupted(cell);
  const lost = async (): Promise<Ended | undefined> => {
    const why = cell.lab.lost?.();
    return why === undefined ? undefined : { result: await unplayed(cell, "not-run", `lab lost: ${why}`) };
  };
  const before = await lost();
  if (before !== undefined) return before;
  try {
    const played = await play(cell, {
      ...(signal && { signal }),
      ...(keepsCapture && { keepsCapture }),
      ...(onNote && { note: (text) => onNote(`${cell.lab.name}: ${text}`) }),
    });
    const gone = await lost();
    if (gone !== undefined) return gone;
    return isBrokenOff(signal) && played.result.grade === "failed" ? await interrupted(cell) : played;
  } catch (error) {
    const gone = await lost();
    if (gone !== undefined) return gone;
    if (isBrokenOff(signal)) return await interrupted(cell);
    if (error instanceof LabLost) return { result: await unplayed(cell, "not-run", `lab lost: ${error.message}`) };
    if (error instanceof PlayerMissing) return { result: await unplayed(cell, "unsupported", error.message) };
    const reason = `${cellId(cell)} broke off: ${error instanceof Error ? error.message : String(error)}`;
    const result = await unplayed(cell, "failed", reason);
    return { result: { ...result, findings: [{ kind: "error", message: reason }] } };
  }
}

const isBrokenOff = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

/** A play that was under way when the run was stopped has failed for no reason of its own. */
const interrupted = async (cell: Cell): Promise<Ended> => ({
  result: await unplayed(cell, "not-run", "the run was stopped"),
});

async function unplayed(
  cell: Cell,
  grade: "unsupported" | "does-not-apply" | "not-run" | "failed",
  reason: string,
): Promise<PlayResult> {
  return {
    ...describeCell(cell),
    grade,
    outcome: grade === "failed" ? "broke off" : "not played",
    reason,
    findings: [],
    invariants: [],
    hosts: [],
    pfConf: await pfConfFor(cell).catch(() => ""),
    timeline: [],
    lastedMs: 0,
  };
}
