/**
 * A clock that moves only when told. Callbacks run in order of time, those of the same moment in the
 * order in which they were asked for.
 *
 * @example
 * const clock = new VirtualClock();
 * clock.after(30_000, () => console.log("thirty seconds"));
 * await clock.advance(30_000);
 */

import type { Clock, Timer } from "../host.ts";

interface Due {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
  cancelled: boolean;
}

/** Promise turns after each callback: more than any chain of awaits between two events in the proxy. */
const turns = 12;

export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  /** A binary heap: the soonest first. */
  readonly #heap: Due[] = [];

  constructor(start = 0) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** Callbacks not yet run. */
  get waiting(): number {
    return this.#heap.filter((due) => !due.cancelled).length;
  }

  after(milliseconds: number, callback: () => void): Timer {
    const due = { at: this.#now + Math.max(0, milliseconds), order: this.#order++, callback, cancelled: false };
    this.#insert(due);
    return {
      cancel: () => {
        due.cancelled = true;
      },
    };
  }

  /** Lets time pass; promises settle between callbacks. */
  async advance(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    await settle();
    for (let due = this.#heap[0]; due !== undefined && due.at <= until; due = this.#heap[0]) {
      this.#removeFirst();
      if (due.cancelled) continue;
      this.#now = Math.max(this.#now, due.at);
      due.callback();
      await settle();
    }
    this.#now = until;
  }

  #insert(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !sooner(due, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = due;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      if (left === undefined) break;
      const child = right !== undefined && sooner(right, left) ? right : left;
      if (!sooner(child, last)) break;
      heap[at] = child;
      at = child === right ? 2 * at + 2 : 2 * at + 1;
    }
    heap[at] = last;
  }
}

function sooner(one: Due, other: Due): boolean {
  return one.at === other.at ? one.order < other.order : one.at < other.at;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await undefined;
}
