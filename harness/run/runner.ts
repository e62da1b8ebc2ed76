/**
 * Plays the chosen cells, lab after lab, and gathers the results in the order of the plan. A play that goes wrong never
 * rejects the run: its failure is its result.
 *
 * @example
 * const { plays } = await runPlays({ seed: 1, version, planned: select(choice, filters, 1), now: Date.now });
 */

import { availableParallelism } from "node:os";
import type { Grade, PlayResult, RunResult } from "../../reports/model.ts";
import type { LabKind } from "../contract/lab.ts";
import type { Cell } from "../play/cell.ts";
import type { Played } from "../play/play.ts";
import { playedOrFailed, unplayed } from "./cell-result.ts";
import { PlayThread } from "./play-thread.ts";
import type { PlannedCell } from "./selection.ts";

export interface RunnerOptions {
  readonly seed: number;
  readonly version: string;
  readonly planned: readonly PlannedCell[];
  /** Real time, for the report's head: milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
  /** How many plays at once, in labs that can have several. Default: as many as the lab recommends. */
  readonly jobs?: number;
  /**
   * Present: worker threads may share the plays of labs that allow it, and get this (plain data) to load scenarios and
   * subjects again. Absent: all plays are in this thread, so they may be of scenarios and subjects that only it has.
   */
  readonly threads?: object;
  /** Plays a cell that fails again, so many times at most. If it passes then, it is flaky. */
  readonly retries?: number;
  /** How long a cell took in real time, in milliseconds, all attempts together. */
  readonly onTime?: (id: string, ms: number) => void;
  /** A play is about to begin. */
  readonly onStart?: (cell: Cell) => void;
  /** A message from a lab to people: "netns: …". */
  readonly onNote?: (text: string) => void;
  /** Whether to keep the packet capture of a play with this grade. By default none is kept. */
  readonly keepsCapture?: (grade: Grade) => boolean;
  /** A cell has its result; called in the plan's order. Returns the name of the saved capture, for the report. */
  readonly onResult?: (result: PlayResult, capture?: Uint8Array) => Promise<string | undefined>;
}

export async function runPlays(options: RunnerOptions): Promise<RunResult> {
  const { planned, seed, version, now } = options;
  const startedAt = now();
  const results = new OrderedResults(options);
  const labs = new Set(planned.filter(({ plan }) => plan === "play").map(({ cell }) => cell.lab));
  const missing = new Map<LabKind, string | undefined>();
  for (const lab of labs) missing.set(lab, await lab.unavailable());
  try {
    for (const lab of new Set(planned.map(({ cell }) => cell.lab))) {
      const cells = inPlayingOrder(lab, planned);
      const threads = threadsFor(lab, cells, options);
      const count = Math.max(threads.length, lanesFor(lab, options.jobs));
      try {
        await inLanes(cells, count, threads.length > 0 ? sameScenario : sameSide, async (one, lane) => {
          if (one.plan === "play" && options.signal?.aborted !== true) options.onStart?.(one.cell);
          const begun = performance.now();
          const played = await playedWithRetries(one, options, () =>
            resultOf(one, options, missing.get(lab), threads[lane]),
          );
          if (one.plan === "play") options.onTime?.(played.result.id, performance.now() - begun);
          await results.add(one, played);
        });
      } finally {
        await Promise.all(threads.map((thread) => thread.close()));
      }
    }
  } finally {
    for (const lab of labs) await lab.shutDown?.();
  }
  return {
    schema: 2,
    tool: { name: "anchorage", version },
    clock: { startedAt: new Date(startedAt).toISOString(), tookMs: now() - startedAt },
    seed,
    plays: results.plays,
  };
}

/** The lab's cells; where changing sides is slow, the forward ones first. */
function inPlayingOrder(lab: LabKind, planned: readonly PlannedCell[]): PlannedCell[] {
  const cells = planned.filter(({ cell }) => cell.lab === lab);
  const isReverse = ({ cell }: PlannedCell) => cell.side === "reverse";
  return lab.slowSideChange ? [...cells.filter((one) => !isReverse(one)), ...cells.filter(isReverse)] : cells;
}

const lanesFor = (lab: LabKind, jobs: number | undefined): number =>
  lab.plays === undefined ? 1 : (jobs ?? lab.plays);

/** A thread costs as much to start as this many plays of quirks: 1.2 s of processor, at 9 ms a play. */
const PLAYS_PER_THREAD = 100;

/** As many threads as there are processors and `jobs` allow; none where this thread alone is faster. */
function threadsFor(
  lab: LabKind,
  cells: readonly PlannedCell[],
  { jobs = availableParallelism(), threads, onNote }: RunnerOptions,
): PlayThread[] {
  if (threads === undefined || lab.inThreads !== true) return [];
  const plays = cells.filter(({ plan }) => plan === "play").length;
  const count = Math.min(jobs, Math.floor(plays / PLAYS_PER_THREAD));
  const options = { commandLine: threads, ...(onNote && { onNote }) };
  return count < 2 ? [] : Array.from({ length: count }, () => new PlayThread(options));
}

/** Whether a lane likes this cell best. */
type Preference = (cell: Cell, lane: number, before: Cell | undefined) => boolean;

const SIDES = ["forward", "reverse"] as const;

/** A place of a lab is laid out for one side. */
export const sameSide: Preference = ({ side }, lane) => side === SIDES[lane % SIDES.length];

/** A thread has loaded the scenario. */
const sameScenario: Preference = ({ entry }, _lane, before) => entry.id === before?.entry.id;

/**
 * Several plays at once: each lane takes one cell after the other, first those that it prefers. One lane keeps the order.
 */
export async function inLanes(
  planned: readonly PlannedCell[],
  count: number,
  prefers: Preference,
  work: (one: PlannedCell, lane: number) => Promise<void>,
): Promise<void> {
  const waiting = [...planned];
  const lane = async (number: number) => {
    let before: Cell | undefined;
    for (;;) {
      const preferred = count === 1 ? 0 : waiting.findIndex(({ cell }) => prefers(cell, number, before));
      const [one] = waiting.splice(Math.max(0, preferred), 1);
      if (one === undefined) return;
      await work(one, number);
      before = one.cell;
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, planned.length) }, (_, number) => lane(number)));
}

/** Reports each result as soon as all before it in the plan have been reported. */
class OrderedResults {
  readonly plays: PlayResult[] = [];
  readonly #options: RunnerOptions;
  readonly #ended = new Map<PlannedCell, Played>();
  #reporting = Promise.resolve();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  async add(one: PlannedCell, played: Played): Promise<void> {
    this.#ended.set(one, played);
    this.#reporting = this.#reporting.then(() => this.#report());
    await this.#reporting;
  }

  async #report(): Promise<void> {
    for (;;) {
      const next = this.#options.planned[this.plays.length];
      const played = next && this.#ended.get(next);
      if (next === undefined || played === undefined) return;
      this.#ended.delete(next);
      const capture = await this.#options.onResult?.(played.result, played.capture);
      this.plays.push(capture === undefined ? played.result : { ...played.result, capture });
    }
  }
}

async function playedWithRetries(
  { plan }: PlannedCell,
  { retries = 0, signal }: RunnerOptions,
  attempt: () => Promise<Played>,
): Promise<Played> {
  const first = await attempt();
  let last = first;
  for (let attempts = 2; attempts <= retries + 1; attempts++) {
    if (plan !== "play" || last.result.grade !== "failed" || signal?.aborted === true) break;
    last = await attempt();
    if (last.result.grade !== "passed") continue;
    return { ...last, result: { ...last.result, flaky: { attempts, first: first.result.outcome } } };
  }
  return first.result.grade === "failed" ? first : last;
}

async function resultOf(
  one: PlannedCell,
  { signal, keepsCapture, onNote }: RunnerOptions,
  missing: string | undefined,
  thread: PlayThread | undefined,
): Promise<Played> {
  const { cell } = one;
  if (one.plan !== "play") return unplayed(cell, one.plan, one.reason);
  if (missing !== undefined) return unplayed(cell, "not-run", `${cell.lab.name} ${missing}`);
  const options = { ...(signal && { signal }), ...(keepsCapture && { keepsCapture }) };
  if (thread !== undefined) return thread.play(cell, options);
  return playedOrFailed(cell, {
    ...options,
    ...(onNote && { note: (text) => onNote(`${cell.lab.name}: ${text}`) }),
  });
}
