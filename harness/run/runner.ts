/**
 * Plays the chosen cells, lab after lab, and gathers the results in the order of the plan. A play that goes wrong never
 * rejects the run: its failure is its result.
 *
 * @example
 * const { plays } = await runPlays({ seed: 1, version, planned: select(choice, filters, 1), now: Date.now });
 */

import type { Grade, PlayResult, RunResult } from "../../reports/model.ts";
import { type LabKind, LabLost } from "../contract/lab.ts";
import { PlayerMissing } from "../contract/scenario.ts";
import { type Cell, cellId, describeCell, pfConfFor } from "../play/cell.ts";
import { type Played, play } from "../play/play.ts";
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
      await inLanes(inPlayingOrder(lab, planned), lanesFor(lab, options.jobs), async (one) => {
        if (one.plan === "play" && options.signal?.aborted !== true) options.onStart?.(one.cell);
        await results.add(one, await resultOf(one, options, missing.get(lab)));
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

const SIDES = ["forward", "reverse"] as const;

/**
 * Several plays at once: each lane takes one cell after the other. A lane prefers cells of one side, because a place of
 * the lab is laid out for one side, and helps with the other side when its own is done. One lane keeps the order.
 */
export async function inLanes(
  planned: readonly PlannedCell[],
  count: number,
  work: (one: PlannedCell) => Promise<void>,
): Promise<void> {
  const waiting = [...planned];
  const lane = async (number: number) => {
    const side = SIDES[number % SIDES.length];
    for (;;) {
      const own = count === 1 ? 0 : waiting.findIndex(({ cell }) => cell.side === side);
      const [one] = waiting.splice(Math.max(0, own), 1);
      if (one === undefined) return;
      await work(one);
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

async function resultOf(one: PlannedCell, options: RunnerOptions, missing: string | undefined): Promise<Played> {
  const { cell } = one;
  if (one.plan !== "play") return unplayed(cell, one.plan, one.reason);
  if (missing !== undefined) return unplayed(cell, "not-run", `${cell.lab.name} ${missing}`);
  return (await interruption(cell, options)) ?? (await playedOrFailed(cell, options));
}

/** The result of a cell that cannot be played because the run was stopped or the lab was lost. */
async function interruption(cell: Cell, { signal }: RunnerOptions): Promise<Played | undefined> {
  const lost = cell.lab.lost?.();
  if (lost !== undefined) return unplayed(cell, "not-run", `lab lost: ${lost}`);
  return signal?.aborted === true ? unplayed(cell, "not-run", "the run was stopped") : undefined;
}

async function playedOrFailed(cell: Cell, options: RunnerOptions): Promise<Played> {
  const { signal, keepsCapture, onNote } = options;
  try {
    const played = await play(cell, {
      ...(signal && { signal }),
      ...(keepsCapture && { keepsCapture }),
      ...(onNote && { note: (text) => onNote(`${cell.lab.name}: ${text}`) }),
    });
    const passedAnyway = played.result.grade === "passed" && cell.lab.lost?.() === undefined;
    return passedAnyway ? played : ((await interruption(cell, options)) ?? played);
  } catch (error) {
    const interrupted = await interruption(cell, options);
    if (interrupted !== undefined) return interrupted;
    if (error instanceof LabLost) return unplayed(cell, "not-run", `lab lost: ${error.message}`);
    if (error instanceof PlayerMissing) return unplayed(cell, "unsupported", error.message);
    const reason = `${cellId(cell)} broke off: ${error instanceof Error ? error.message : String(error)}`;
    const { result } = await unplayed(cell, "failed", reason);
    return { result: { ...result, findings: [{ kind: "error", message: reason }] } };
  }
}

async function unplayed(
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
