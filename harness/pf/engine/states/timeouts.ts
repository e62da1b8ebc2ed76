/**
 * How long states live: the table of timeouts, and adaptive scaling when there are many states.
 *
 * @example
 * lifetime(state, defaults, total) // 86400 for an idle established connection
 */

import type { TimeoutName } from "../../rule.ts";

/** pfvar.h, in the order in which pfctl -st prints them; seconds, and states for adaptive.*. */
export const DEFAULT_TIMEOUTS: Readonly<Record<TimeoutName, number>> = {
  "tcp.first": 120,
  "tcp.opening": 30,
  "tcp.established": 86400,
  "tcp.closing": 900,
  "tcp.finwait": 45,
  "tcp.closed": 90,
  "tcp.tsdiff": 30,
  "udp.first": 60,
  "udp.single": 30,
  "udp.multiple": 60,
  "icmp.first": 20,
  "icmp.error": 10,
  "other.first": 60,
  "other.single": 30,
  "other.multiple": 60,
  frag: 60,
  interval: 10,
  "adaptive.start": 60000,
  "adaptive.end": 120000,
  "src.track": 0,
};

export type Timeouts = Readonly<Record<TimeoutName, number>>;

/**
 * Seconds from a state's last packet to its end.
 *
 * @param own timeouts of the rule that made it
 * @param ruleStates states of that rule, which count if the rule has adaptive values of its own
 */
export function lifetime(
  name: TimeoutName,
  own: Readonly<Partial<Record<TimeoutName, number>>> | undefined,
  ruleStates: number,
  defaults: Timeouts,
  allStates: number,
): number {
  const seconds = own?.[name] || defaults[name];
  let start = own?.["adaptive.start"] ?? 0;
  let end = own?.["adaptive.end"] ?? 0;
  let states = ruleStates;
  if (start === 0) {
    start = defaults["adaptive.start"];
    end = defaults["adaptive.end"];
    states = allStates;
  }
  if (end !== 0 && states > start && start < end) {
    if (states >= end) return Number.NEGATIVE_INFINITY;
    return Math.floor((seconds * (end - states)) / (end - start));
  }
  return seconds;
}
