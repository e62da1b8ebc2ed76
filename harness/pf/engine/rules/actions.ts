/**
 * The actions of rules on a packet besides passing it. All matching rules add theirs; they take effect when the
 * packet passes.
 */

import type { FilterRule, SetActions } from "../../rule.ts";
import { type Description, ECN_MASK } from "../description.ts";

export interface Actions {
  /** Routing table that the packet moves to. */
  rtable: number;
  queue?: SetActions["queue"] | undefined;
  prio?: SetActions["prio"] | undefined;
  tos?: number | undefined;
  delay?: number;
  minTtl?: number | undefined;
  maxMss?: number | undefined;
  noDf?: boolean | undefined;
  randomId?: boolean;
  reassembleTcp?: boolean;
  /** A rule with `log (all)` matched: every packet of the state is logged. */
  logAll?: boolean;
  /** A rule with `log (matches)` matched: every later match is logged. */
  logMatches?: boolean;
}

/** Adds a rule that matched: its settings override earlier ones, log bits add up. */
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

/** ip.h: IPTOS_LOWDELAY. Such packets, and empty ACKs, take the second queue and priority. */
const LOW_DELAY = 0x10;

/** Applies `set` and `scrub` options to a packet that passes: TOS, TTL, DF, MSS, priority, queue. */
export function perform(actions: Omit<Actions, "rtable">, description: Description): void {
  const { packet, notes, tcp, flags, payloadLength } = description;
  const family = description.newFamily;
  const tos = actions.tos;
  if (tos !== undefined) description.change({ tos: tos | (packet.tos & ECN_MASK) });
  if (actions.minTtl !== undefined && packet.ttl < actions.minTtl) description.change({ ttl: actions.minTtl });
  if (actions.noDf && family === "inet" && packet.dontFragment) description.change({ dontFragment: false });
  const options = tcp?.tcpOptions;
  if (actions.maxMss !== undefined && options?.mss !== undefined && options.mss > actions.maxMss) {
    description.change({ tcpOptions: { ...options, mss: actions.maxMss } });
  }
  const emptyAck = tcp !== undefined && (flags & 0x10) !== 0 && payloadLength === 0;
  const urgent = emptyAck || (description.tos & LOW_DELAY) !== 0;
  const { prio, queue } = actions;
  if (prio !== undefined) notes.prio = (urgent ? prio[1] : undefined) ?? prio[0];
  if (queue !== undefined) notes.queue = (urgent ? queue[1] : undefined) ?? queue[0];
}

/** Without a state only the deciding rule's own options count. */
export function performOwn({ set, scrub }: FilterRule, description: Description): void {
  if (set === undefined && scrub === undefined) return;
  const { prio, queue, tos } = set ?? {};
  const { minTtl, maxMss, noDf } = scrub ?? {};
  perform({ prio, queue, tos, minTtl, maxMss, noDf }, description);
}
