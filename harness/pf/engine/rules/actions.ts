/**
 * What the rules that a packet met have ordered besides passing it: later rules override, log bits add up.
 */

import type { FilterRule } from "../../rule.ts";

export interface Actions {
  /** Routing table that the packet moves to. */
  rtable: number;
  queue?: readonly [string] | readonly [string, string];
  prio?: readonly [number] | readonly [number, number];
  tos?: number;
  delay?: number;
  minTtl?: number;
  maxMss?: number;
  noDf?: boolean;
  randomId?: boolean;
  reassembleTcp?: boolean;
  /** `log (all)` was met: every packet of the state is logged. */
  logAll?: boolean;
  /** `log (matches)` was met: every later match is logged. */
  logMatches?: boolean;
}

export function apply(rule: FilterRule, actions: Actions): void {
  const { set, scrub, log } = rule;
  if (rule.rtable !== undefined) actions.rtable = rule.rtable;
  if (log !== undefined) {
    if (log.all) actions.logAll = true;
    if (log.matches) actions.logMatches = true;
  }
  if (set !== undefined) {
    if (set.queue !== undefined) actions.queue = set.queue;
    if (set.prio !== undefined) actions.prio = set.prio;
    if (set.tos !== undefined) actions.tos = set.tos;
    if (set.delay !== undefined) actions.delay = set.delay;
  }
  if (scrub !== undefined) {
    if (scrub.minTtl !== undefined) actions.minTtl = scrub.minTtl;
    if (scrub.maxMss !== undefined) actions.maxMss = scrub.maxMss;
    if (scrub.noDf) actions.noDf = true;
    if (scrub.randomId) actions.randomId = true;
    if (scrub.reassembleTcp) actions.reassembleTcp = true;
  }
}
