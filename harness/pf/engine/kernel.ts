/**
 * What the parts of the engine share: tables, rulesets, states, clock and counters of one firewall.
 */

import type { Counters } from "./counters.ts";
import type { Description } from "./description.ts";
import type { Interfaces } from "./interfaces.ts";
import type { Actions } from "./rules/actions.ts";
import type { LoadedRule } from "./rules/loaded-rule.ts";
import type { Rulesets } from "./rules/rulesets.ts";
import type { Settings } from "./settings.ts";
import type { SocketOwner } from "./socket-owner.ts";
import type { IcmpMapping } from "./states/icmp-mapping.ts";
import type { SourceNodes } from "./states/source-nodes.ts";
import type { States } from "./states/states.ts";
import type { Tables } from "./tables/tables.ts";

export interface Kernel {
  readonly interfaces: Interfaces;
  readonly rulesets: Rulesets;
  readonly tables: Tables;
  readonly states: States;
  readonly sources: SourceNodes;
  readonly counters: Counters;
  readonly settings: Settings;
  /** Applies where no rule did: passes, keeps no state. */
  readonly defaultRule: LoadedRule;
  /** Whole seconds, as the kernel's uptime. */
  seconds(): number;
  milliseconds(): number;
  /** A whole number of 0 to `below` - 1. */
  random(below: number): number;
  /** Who owns the socket that a packet comes from or goes to, if one of ours does. */
  owner(description: Description): SocketOwner | undefined;
  /**
   * Told of each rule that an evaluation looks at, before it takes effect: for packet tracers (trace.ts). `miss` is
   * what firstMismatch() said; `prefix` and the rule's number make its path.
   */
  readonly considered?: (rule: LoadedRule, miss: number, prefix: string, question: Asked) => void;
}

/** What of an evaluation a tracer may look at: a Question of criteria.ts. */
export interface Asked {
  readonly kernel: Kernel;
  readonly description: Description;
  readonly actions: Actions;
  readonly icmp: IcmpMapping | undefined;
  tag: string | undefined;
}
