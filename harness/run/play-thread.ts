/**
 * A worker thread that plays cells, one at a time, seen from the runner. Cells go over as plain data (`PlayOrder`), and
 * the thread loads scenario, subject and lab again. A thread that dies or hangs fails the cell that it was playing; the
 * next cell gets a new thread.
 *
 * @example
 * const thread = new PlayThread(catalogue);
 * const { result } = await thread.play(cell, { signal });
 * await thread.close();
 */

import { Worker } from "node:worker_threads";
import type { Grade } from "../../reports/model.ts";
import { packageFile } from "../package.ts";
import { type Cell, cellId } from "../play/cell.ts";
import type { Played, PlayOptions } from "../play/play.ts";
import { brokenOff, unplayed } from "./cell-result.ts";

/** A cell for another thread. Scenario, subject and lab have functions, so their names go instead. */
export interface PlayOrder extends Pick<Cell, "era" | "family" | "side" | "seed" | "runSeed" | "pfConf"> {
  readonly entry: Omit<Cell["entry"], "scenario">;
  readonly subject: string;
  readonly lab: string;
  readonly keepsCapture: readonly Grade[];
}

/** Real time. The longest play of the catalogue takes less than a second. */
const LIMIT_MS = 120_000;

const GRADES: readonly Grade[] = ["passed", "failed", "unsupported", "does-not-apply", "not-run"];

interface PlayThreadOptions {
  /** Options of the command line that made scenarios: the thread makes them from the same. */
  readonly commandLine: unknown;
  /** Gets a failure of the thread between two plays. */
  readonly onNote?: (text: string) => void;
  readonly limitMs?: number;
}

export class PlayThread {
  readonly #options: PlayThreadOptions;
  #worker: Worker | undefined;
  #last = "";
  /** Present during a play. */
  #ended: ((how: Played | { readonly died: string }) => void) | undefined;

  constructor(options: PlayThreadOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async play(cell: Cell, { signal, keepsCapture }: Omit<PlayOptions, "note">): Promise<Played> {
    const { limitMs = LIMIT_MS } = this.#options;
    const { scenario: _, ...entry } = cell.entry;
    const order: PlayOrder = {
      ...{ ...cell, entry, subject: cell.subject.name, lab: cell.lab.name },
      keepsCapture: GRADES.filter((grade) => keepsCapture?.(grade) === true),
    };
    const stop = () => this.#ended?.({ died: "stopped" });
    const outOfPatience = () =>
      this.#ended?.({ died: `it did not end within ${limitMs / 1000} s; does ${entry.file} loop for ever?` });
    const timer = setTimeout(outOfPatience, limitMs);
    signal?.addEventListener("abort", stop);
    try {
      const how = await new Promise<Played | { readonly died: string }>((resolve) => {
        this.#ended = resolve;
        this.#last = cellId(cell);
        this.#worker ??= this.#start();
        if (signal?.aborted === true) stop();
        else this.#worker.postMessage(order);
      });
      if (!("died" in how)) return how;
      await this.close();
      return await (signal?.aborted === true
        ? unplayed(cell, "not-run", "the run was stopped")
        : brokenOff(cell, how.died));
    } finally {
      this.#ended = undefined;
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(packageFile("bin/play-thread.mjs"), { workerData: this.#options.commandLine });
    const died = (why: string) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      if (this.#ended === undefined) this.#options.onNote?.(`after ${this.#last}, its thread ended: ${why}`);
      else this.#ended({ died: `its thread ended: ${why}` });
    };
    worker.on("message", (played: Played) => this.#ended?.(played));
    worker.on("error", (error) => died(error instanceof Error ? error.message : String(error)));
    worker.on("exit", (status) => died(`status ${status}`));
    return worker;
  }
}
