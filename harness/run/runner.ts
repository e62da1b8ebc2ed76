/**
 * Plays the chosen cells one after the other and gathers the results. It never throws for a play
 * that goes wrong: what went wrong is the result.
 */

import type { Grade, PlayResult, RunResult } from "../../reports/model.ts";
import type { LabKind } from "../lab.ts";
import { describeCell } from "../play/describe-cell.ts";
import { pfConfFor } from "../play/pf-conf.ts";
import { play } from "../play/play.ts";
import { PlayerMissing } from "../scenario.ts";
import { type Cell, cellId } from "./cell.ts";
import type { PlannedCell } from "./selection.ts";

export interface RunnerOptions {
  readonly seed: number;
  readonly version: string;
  readonly planned: readonly PlannedCell[];
  /** Real time, for the report's head: milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
  /** A play is about to begin. */
  readonly onStart?: (cell: Cell, index: number, total: number) => void;
  /** Is the packet capture wanted of a play that ended so? By default it is not. */
  readonly keepsCapture?: (grade: Grade) => boolean;
  /** A cell has its result. Whoever keeps the capture says under which name, for the report. */
  readonly onResult?: (result: PlayResult, capture?: Uint8Array) => Promise<string | undefined>;
}

export async function runPlays(options: RunnerOptions): Promise<RunResult> {
  const { planned, seed, version, now } = options;
  const startedAt = now();
  const plays: PlayResult[] = [];
  const labs = new Set(planned.filter(({ plan }) => plan === "play").map(({ cell }) => cell.lab));
  const missing = new Map<LabKind, string | undefined>();
  for (const lab of labs) missing.set(lab, await lab.unavailable());
  try {
    for (const [index, one] of planned.entries()) {
      if (one.plan === "play" && options.signal?.aborted !== true) options.onStart?.(one.cell, index, planned.length);
      const { result, capture } = await resultOf(one, options, missing.get(one.cell.lab));
      const name = await options.onResult?.(result, capture);
      plays.push(name === undefined ? result : { ...result, capture: name });
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
  { signal, keepsCapture }: RunnerOptions,
  missing: string | undefined,
): Promise<{ result: PlayResult; capture?: Uint8Array }> {
  const { cell } = one;
  if (one.plan !== "play") return { result: await unplayed(cell, one.plan, one.reason) };
  if (missing !== undefined) return { result: await unplayed(cell, "not-run", `${cell.lab.name} ${missing}`) };
  if (signal?.aborted === true) return { result: await unplayed(cell, "not-run", "the run was stopped") };
  try {
    return await play(cell, { ...(signal && { signal }), ...(keepsCapture && { keepsCapture }) });
  } catch (error) {
    if (error instanceof PlayerMissing) return { result: await unplayed(cell, "unsupported", error.message) };
    const reason = `${cellId(cell)} broke off: ${error instanceof Error ? error.message : String(error)}`;
    const result = await unplayed(cell, "failed", reason);
    return { result: { ...result, findings: [{ kind: "error", message: reason }] } };
  }
}

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
