/**
 * Counters besides those of rules and states: `pfctl -si` and `-vsi`, interfaces, and rates with a threshold.
 */

import type { DropReason } from "../decision.ts";
import type { Direction } from "../rule.ts";

/** In the order in which pfctl prints them. */
export const REASONS = [
  "match",
  "bad-offset",
  "fragment",
  "short",
  "normalize",
  "memory",
  "bad-timestamp",
  "congestion",
  "ip-option",
  "proto-cksum",
  "state-mismatch",
  "state-insert",
  "state-limit",
  "src-limit",
  "synproxy",
  "translate",
  "no-route",
] as const;
export type Reason = DropReason | "bad-timestamp" | "congestion" | "proto-cksum";

export const LIMIT_COUNTERS = [
  "max states per rule",
  "max-src-states",
  "max-src-nodes",
  "max-src-conn",
  "max-src-conn-rate",
  "overload table insertion",
  "overload flush states",
  "synfloods detected",
  "syncookies sent",
  "syncookies validated",
] as const;
export type LimitCounter = (typeof LIMIT_COUNTERS)[number];

/** Packets and bytes of an interface, keyed `in4/pass` … */
export type InterfaceTraffic = Map<string, { packets: number; bytes: number }>;

const zeroes = <K extends string>(names: readonly K[]): Record<K, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;

export class Counters {
  reasons: Record<Reason, number> = zeroes(REASONS);
  limits: Record<LimitCounter, number> = zeroes(LIMIT_COUNTERS);
  states = { searches: 0, inserts: 0, removals: 0 };
  sources = { searches: 0, inserts: 0, removals: 0 };
  fragments = { searches: 0, inserts: 0, removals: 0 };
  readonly interfaces = new Map<string, InterfaceTraffic>();

  /** pfctl -F info. */
  clear(): void {
    this.reasons = zeroes(REASONS);
    this.limits = zeroes(LIMIT_COUNTERS);
    this.states = { searches: 0, inserts: 0, removals: 0 };
    this.sources = { searches: 0, inserts: 0, removals: 0 };
    this.fragments = { searches: 0, inserts: 0, removals: 0 };
    this.interfaces.clear();
  }

  traffic(name: string, direction: Direction, family: 4 | 6, passed: boolean, bytes: number): void {
    let traffic = this.interfaces.get(name);
    if (traffic === undefined) {
      traffic = new Map();
      this.interfaces.set(name, traffic);
    }
    const key = trafficKey(direction, family, passed);
    let entry = traffic.get(key);
    if (entry === undefined) {
      entry = { packets: 0, bytes: 0 };
      traffic.set(key, entry);
    }
    entry.packets++;
    entry.bytes += bytes;
  }
}

const KEYS = {
  in: { 4: ["in4/block", "in4/pass"], 6: ["in6/block", "in6/pass"] },
  out: { 4: ["out4/block", "out4/pass"], 6: ["out6/block", "out6/pass"] },
} as const;

export const trafficKey = (direction: Direction, family: 4 | 6, passed: boolean): string =>
  KEYS[direction][family][passed ? 1 : 0];

/** pfvar.h: counts are kept in thousandths. */
const UNIT = 1000;

/**
 * "So many in so many seconds", as max-pkt-rate and max-src-conn-rate measure it: a count that ages linearly.
 * `rate.add(now); if (rate.exceeded) …`
 */
export class Threshold {
  readonly limit: number;
  readonly seconds: number;
  #count = 0;
  #last = 0;

  constructor(limit: number, seconds: number) {
    this.limit = limit;
    this.seconds = seconds;
  }

  /** Counts one, at `now` in seconds. */
  add(now: number): void {
    const passed = now - this.#last;
    if (passed >= this.seconds) this.#count = 0;
    else this.#count -= Math.floor((this.#count * passed) / this.seconds);
    this.#count += UNIT;
    this.#last = now;
  }

  get exceeded(): boolean {
    return this.#count > this.limit * UNIT;
  }

  /** The count without what has aged away, for display. */
  current(now: number): number {
    const passed = now - this.#last;
    if (passed >= this.seconds) return 0;
    return (this.#count - Math.floor((this.#count * passed) / this.seconds)) / UNIT;
  }
}
