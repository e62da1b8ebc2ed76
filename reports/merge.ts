/**
 * Several runs as one: the plays of labs that cannot run on one machine (a VM for each release, say) in one matrix.
 * A play that is in more than one run is told as the run tells that really played it; if several did, the last.
 *
 *     const run = mergeRuns([simulated, onOpenBsd]);
 */
import type { Grade, PlayResult, RunResult } from "./model.ts";

const PLAYED: readonly Grade[] = ["passed", "failed"];

/** Seed and tool are the first run's; the clock has the earliest start and all the time together. Throws RangeError without runs. */
export function mergeRuns(runs: readonly RunResult[]): RunResult {
  const [first] = runs;
  if (first === undefined) throw new RangeError("no runs to merge");
  const plays = new Map<string, PlayResult>();
  for (const play of runs.flatMap((run) => run.plays)) {
    const known = plays.get(play.id);
    if (known === undefined || PLAYED.includes(play.grade) || !PLAYED.includes(known.grade)) plays.set(play.id, play);
  }
  return {
    schema: first.schema,
    tool: first.tool,
    clock: {
      startedAt: runs.map(({ clock }) => clock.startedAt).reduce((a, b) => (a < b ? a : b)),
      tookMs: runs.reduce((sum, { clock }) => sum + clock.tookMs, 0),
    },
    seed: first.seed,
    plays: [...plays.values()],
  };
}
