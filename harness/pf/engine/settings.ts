/**
 * What `set …` has set in the kernel: timeouts, limits, skipped interfaces and the like. Options that pfctl itself
 * applies while it parses (block-policy, state-policy, state-defaults) have no place here.
 */

import type { TimeoutName } from "../rule.ts";
import type { Options } from "../ruleset.ts";
import { DEFAULT_TIMEOUTS, type Timeouts } from "./states/timeouts.ts";

/** pf_ioctl.c and pfvar.h of OpenBSD 7.8, in the order of pfctl -sm. */
const DEFAULT_LIMITS = {
  states: 100000,
  "src-nodes": 10000,
  frags: 16384,
  tables: 1000,
  "table-entries": 200000,
  "pktdelay-pkts": 10000,
  anchors: 512,
} as const;
export type LimitName = keyof typeof DEFAULT_LIMITS;

export class Settings {
  enabled = true;
  timeouts: Timeouts = DEFAULT_TIMEOUTS;
  limits: Record<LimitName, number> = { ...DEFAULT_LIMITS };
  /** Interfaces and groups. */
  skip: ReadonlySet<string> = new Set();
  reassemble = true;
  debug = "err";
  hostid = 0;
  logInterface: string | undefined;

  /** pfctl -f has asked for interface flags to be cleared, and failed before it set them anew. */
  #skipClearing = false;

  /** pfctl -f takes back `set skip` before it reads the text; the next commit, anyone's, makes that real. */
  clearSkipAtCommit(): void {
    this.#skipClearing = true;
  }

  committed(): void {
    if (this.#skipClearing) this.skip = new Set();
    this.#skipClearing = false;
  }

  /** What the main ruleset's text says; anything it leaves out goes back to its default, as pfctl -f does. */
  load(options: Options): void {
    this.timeouts = withTimeouts(options.timeouts);
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.skip = new Set(options.skip ?? []);
    this.reassemble = options.reassemble?.enabled ?? true;
    this.debug = options.debug ?? "err";
    if (options.hostid !== undefined) this.hostid = options.hostid;
    this.logInterface = options.loginterface === "none" ? undefined : options.loginterface;
    const { states } = this.limits;
    const given = options.timeouts;
    if (given?.["adaptive.start"] === undefined && given?.["adaptive.end"] === undefined) {
      // pf.conf(5): adaptive values follow the limit, 60 and 120 per cent.
      const start = Math.floor(states / 10) * 6;
      const end = Math.floor(states / 10) * 12;
      this.timeouts = { ...this.timeouts, "adaptive.start": start, "adaptive.end": end };
    }
  }
}

function withTimeouts(given: Readonly<Partial<Record<TimeoutName, number>>> | undefined): Timeouts {
  return { ...DEFAULT_TIMEOUTS, ...given };
}
