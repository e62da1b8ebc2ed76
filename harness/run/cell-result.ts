/**
 * The result of one cell, whatever happens: a play that goes wrong never rejects, its failure is its result.
 *
 * @example
 * const { result, capture } = await playedOrFailed(cell, { keepsCapture: (grade) => grade === "failed" });
 */

import { LabLost } from "../contract/lab.ts";
import { PlayerMissing } from "../contract/scenario.ts";
import { type Cell, cellId, describeCell, pfConfFor } from "../play/cell.ts";
import { type Played, type PlayOptions, play } from "../play/play.ts";

export async function playedOrFailed(cell: Cell, options: PlayOptions): Promise<Played> {
  const interrupted = await interruption(cell, options);
  if (interrupted !== undefined) return interrupted;
  try {
    const played = await play(cell, options);
    const passedAnyway = played.result.grade === "passed" && cell.lab.lost?.() === undefined;
    return passedAnyway ? played : ((await interruption(cell, options)) ?? played);
  } catch (error) {
    const interrupted = await interruption(cell, options);
    if (interrupted !== undefined) return interrupted;
    if (error instanceof LabLost) return unplayed(cell, "not-run", `lab lost: ${error.message}`);
    if (error instanceof PlayerMissing) return unplayed(cell, "unsupported", error.message);
    return brokenOff(cell, error instanceof Error ? error.message : String(error));
  }
}

/** The result of a cell that cannot be played because the run was stopped or the lab was lost. */
async function interruption(cell: Cell, { signal }: PlayOptions): Promise<Played | undefined> {
  const lost = cell.lab.lost?.();
  if (lost !== undefined) return unplayed(cell, "not-run", `lab lost: ${lost}`);
  return signal?.aborted === true ? unplayed(cell, "not-run", "the run was stopped") : undefined;
}

/** The harness could not finish the play. */
export async function brokenOff(cell: Cell, why: string): Promise<Played> {
  const reason = `${cellId(cell)} broke off: ${why}`;
  const { result } = await unplayed(cell, "failed", reason);
  return { result: { ...result, findings: [{ kind: "error", message: reason }] } };
}

export async function unplayed(
  cell: Cell,
  grade: "unsupported" | "does-not-apply" | "not-run" | "failed",
  reason: string,
): Promise<Played> {
  return {
    result: {
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
    },
  };
}
