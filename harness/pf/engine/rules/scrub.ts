/**
 * What `set` and `scrub` options do to a packet that passes: TOS, TTL, DF, MSS, priority, queue.
 */

import type { Description } from "../description.ts";
import type { State } from "../states/state.ts";
import type { Actions } from "./actions.ts";
import type { LoadedRule } from "./loaded-rule.ts";

/** ip.h: IPTOS_LOWDELAY: such packets, and empty ACKs, take the second queue and priority. */
const LOW_DELAY = 0x10;
const ECN_MASK = 0x03;

export function scrub(description: Description, state: State | undefined, rule: LoadedRule): void {
  const actions: Omit<Actions, "rtable"> | undefined = state?.actions ?? ownActions(rule);
  if (actions === undefined) return;
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
function ownActions({ filter }: LoadedRule): Omit<Actions, "rtable"> | undefined {
  if (filter === undefined || (filter.set === undefined && filter.scrub === undefined)) return undefined;
  const { set, scrub: options } = filter;
  return {
    ...(set?.prio !== undefined && { prio: set.prio }),
    ...(set?.queue !== undefined && { queue: set.queue }),
    ...(set?.tos !== undefined && { tos: set.tos }),
    ...(options?.minTtl !== undefined && { minTtl: options.minTtl }),
    ...(options?.maxMss !== undefined && { maxMss: options.maxMss }),
    ...(options?.noDf !== undefined && { noDf: options.noDf }),
  };
}
