/**
 * Virtual time. `run` takes the events one after the other, sets the clock to the time of each and calls it. So 24
 * idle hours cost one step.
 *
 * Between two events, all promises that they started settle first. A program registers real work (a cipher in a
 * thread pool, a module being loaded) by `hold`: time stops until its release.
 *
 * `run` always ends: by its condition, or with a RunLimitError that says which limit was met.
 * An error thrown by an event ends the run with that error.
 *
 * @example
 * const clock = new VirtualClock();
 * clock.after(86_400_000, () => log("a day later"));
 * await clock.run({ until: () => done, limitMs: 90_000_000 });
 */

import type { Clock, Timer } from "../../../proxy/host.ts";
import { EventQueue, type QueuedEvent } from "./event-queue.ts";
import { RunLimitError } from "./run-limit.ts";

/** 2026-01-01T00:00:00Z: every simulated run starts here by default. */
export const DEFAULT_START_MS = 1_767_225_600_000;
const DEFAULT_LIMIT_EVENTS = 2_000_000;
/** Most holds last a turn or two of the event loop; only then is a callback worth its price. */
const HOLD_TURNS = 64;
/** Real time that one hold may take. */
const DEFAULT_HOLD_LIMIT_MS = 30_000;

export interface RunLimits {
  /** Virtual milliseconds from the start of this run; default: none. */
  readonly limitMs?: number;
  /** Events of this run; default two million. */
  readonly limitEvents?: number;
  /** Real milliseconds without a hold being released; default 30 s. */
  readonly holdLimitMs?: number;
  /** Ends the run from outside with the signal's reason. */
  readonly signal?: AbortSignal;
}

export class VirtualClock implements Clock {
  readonly #queue = new EventQueue();
  /** Integer microseconds since the Unix epoch. */
  #microseconds: number;
  #events = 0;
  /** Whether programs may have run since the promises settled. */
  #woken = true;
  #running = false;
  readonly #holds = new Set<{ readonly why: string }>();
  #released: (() => void) | undefined;

  constructor(startMs: number = DEFAULT_START_MS) {
    this.#microseconds = Math.round(startMs * 1000);
  }

  /** Whole milliseconds, as Date.now(). */
  now(): number {
    return Math.floor(this.#microseconds / 1000);
  }

  microseconds(): number {
    return this.#microseconds;
  }

  /** Events since the beginning. */
  get events(): number {
    return this.#events;
  }

  /** For programs: the callback may start promises, which run before the next event. */
  after(milliseconds: number, callback: () => void): Timer {
    return this.#timer(milliseconds * 1000, () => {
      this.#woken = true;
      callback();
    });
  }

  /** For the network itself: cheaper, as the action starts no promises. */
  schedule(microseconds: number, action: () => void): Timer {
    return this.#timer(microseconds, action);
  }

  /** An event of `schedule` has called a program. */
  wake(): void {
    this.#woken = true;
  }

  /** Stops time until a call of the answered function. The error names `why` if there is none. */
  hold(why = "a program inside"): () => void {
    const token = { why };
    this.#holds.add(token);
    return () => {
      if (!this.#holds.delete(token)) return;
      this.#woken = true;
      this.#released?.();
    };
  }

  /** Lets time pass until the condition holds; `until` runs before each event. */
  async run(options: RunLimits & { readonly until: () => boolean }): Promise<void> {
    if (this.#running) throw new Error("the clock is already running: one run at a time");
    this.#running = true;
    try {
      await this.#run(options);
    } finally {
      this.#running = false;
    }
  }

  /** Lets time pass until the promise settles, and answers as it does. */
  async runUntilSettled<T>(promise: Promise<T>, limits: RunLimits = {}): Promise<T> {
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    promise.then(settle, settle);
    this.#woken = true;
    await this.run({ ...limits, until: () => settled });
    return promise;
  }

  /** Lets exactly so much time pass. */
  async advance(milliseconds: number, limits: Omit<RunLimits, "limitMs"> = {}): Promise<void> {
    let over = false;
    // Promises of the caller come before the first event.
    this.#woken = true;
    this.schedule(milliseconds * 1000, () => {
      over = true;
    });
    await this.run({ ...limits, until: () => over });
  }

  /** The same at once, for a caller whose events start no promises. */
  pass(milliseconds: number): void {
    const end = this.#microseconds + milliseconds * 1000;
    for (let at = this.#queue.nextAt(); at !== undefined && at <= end; at = this.#queue.nextAt()) this.#take();
    this.#microseconds = end;
  }

  #take(): void {
    const event = this.#queue.take()!;
    this.#microseconds = event.at;
    this.#events++;
    event.action();
  }

  async #run(options: RunLimits & { readonly until: () => boolean }): Promise<void> {
    const { until, limitMs = Number.POSITIVE_INFINITY, limitEvents = DEFAULT_LIMIT_EVENTS, signal } = options;
    const deadline = this.#microseconds + limitMs * 1000;
    const lastEvent = this.#events + limitEvents;
    for (;;) {
      if (this.#woken || this.#holds.size > 0) await this.#settle(options);
      signal?.throwIfAborted();
      if (until()) return;
      const next = this.#queue.nextAt();
      if (next === undefined) throw new RunLimitError("stalled", this.now(), this.#events);
      if (next > deadline) {
        this.#microseconds = deadline;
        throw new RunLimitError("time", this.now(), limitMs);
      }
      if (this.#events >= lastEvent) throw new RunLimitError("events", this.now(), limitEvents);
      this.#take();
    }
  }

  /** Promises run dry and holds are released. */
  async #settle(options: RunLimits): Promise<void> {
    let turns = 0;
    do {
      this.#woken = false;
      // An immediate comes after all microtasks and ticks, and after one look at real I/O.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#holds.size > 0 && ++turns >= HOLD_TURNS) await this.#release(options);
    } while (this.#woken || this.#holds.size > 0);
  }

  /** Waits for one hold to be released. */
  async #release({ holdLimitMs = DEFAULT_HOLD_LIMIT_MS, signal }: RunLimits): Promise<void> {
    const patience = AbortSignal.timeout(holdLimitMs);
    const ends = signal === undefined ? [patience] : [patience, signal];
    let stop = (): void => {};
    try {
      await new Promise<void>((resolve, reject) => {
        stop = () => {
          if (signal?.aborted === true) reject(signal.reason);
          else
            reject(
              new RunLimitError(
                "held",
                this.now(),
                holdLimitMs,
                [...this.#holds].map(({ why }) => why),
              ),
            );
        };
        this.#released = resolve;
        for (const end of ends) end.addEventListener("abort", stop, { once: true });
        if (ends.some(({ aborted }) => aborted)) stop();
      });
    } finally {
      this.#released = undefined;
      for (const end of ends) end.removeEventListener("abort", stop);
    }
  }

  #timer(microseconds: number, action: () => void): Timer {
    const delay = Number.isFinite(microseconds) ? Math.max(0, Math.round(microseconds)) : 0;
    const queue = this.#queue;
    const event: QueuedEvent = queue.add(this.#microseconds + delay, action);
    // A method, as esbuild wraps each new function that a property names; and this runs for each packet.
    return {
      cancel() {
        queue.cancel(event);
      },
    };
  }
}
