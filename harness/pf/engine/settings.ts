/**
 * Options in force in the kernel: timeouts, limits, skipped interfaces. Those that pfctl itself applies while it parses
 * (block-policy, state-policy, state-defaults) are not here.
 */

import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, type LimitName } from "../language/names/timeouts.ts";
import type { ScrubRule, TimeoutName } from "../rule.ts";
import type { Options } from "../ruleset.ts";

export type Timeouts = Readonly<Record<TimeoutName, number>>;

export class Settings {
  enabled = true;
  timeouts: Timeouts = DEFAULT_TIMEOUTS;
  limits: Record<LimitName, number> = { ...DEFAULT_LIMITS };
  /** Interfaces and groups. */
  skip: ReadonlySet<string> = new Set();
  reassemble = true;
  /** `set reassemble yes no-df`: the don't-fragment bit of fragments is cleared. */
  noDf = false;
  debug = "err";
  hostid = 0;
  logInterface: string | undefined;

  /** A pfctl -f asked for interface flags to be cleared, and failed before it set new ones. */
  #skipClearing = false;

  /** pfctl -f takes back `set skip` before it reads the text; the next commit, by any process, makes that real. */
  clearSkipAtCommit(): void {
    this.#skipClearing = true;
  }

  committed(): void {
    if (this.#skipClearing) this.skip = new Set();
    this.#skipClearing = false;
  }

  /** Takes the options of the main ruleset's text. Others go back to their defaults, as with pfctl -f. */
  load(options: Options, scrubs?: readonly ScrubRule[]): void {
    this.timeouts = withTimeouts(options.timeouts);
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.skip = new Set(options.skip ?? []);
    // Before 4.7 and on FreeBSD a scrub rule asks for it.
    const asked = scrubs?.some(({ exempt, fragments }) => !exempt && fragments === "reassemble") ?? true;
    this.reassemble = options.reassemble?.enabled ?? asked;
    this.noDf = options.reassemble?.noDf ?? false;
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
