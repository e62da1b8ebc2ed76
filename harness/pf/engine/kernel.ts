/**
 * The parts of one firewall that its engine shares: tables, rulesets, states, clock and counters.
 */

import type { Counters } from "./counters.ts";
import type { Description } from "./description.ts";
import type { Interfaces } from "./interfaces.ts";
import type { Actions } from "./rules/actions.ts";
import type { LoadedRule } from "./rules/loaded-rule.ts";
import type { Rulesets } from "./rules/rulesets.ts";
import type { Settings } from "./settings.ts";
import type { IcmpMapping } from "./states/icmp-mapping.ts";
import type { SourceNodes } from "./states/source-nodes.ts";
import type { States } from "./states/states.ts";
import type { Tables } from "./tables/tables.ts";

/** Owner of a local socket, for `user` and `group` of pf.conf(5). */
export interface SocketOwner {
  readonly uid: number;
  readonly gid: number;
}

export interface Kernel {
  readonly interfaces: Interfaces;
  readonly rulesets: Rulesets;
  readonly tables: Tables;
  readonly states: States;
  readonly sources: SourceNodes;
  readonly counters: Counters;
  readonly settings: Settings;
  /** Decides where no rule matches: passes, keeps no state. */
  readonly defaultRule: LoadedRule;
  /** Whole seconds, as the kernel's uptime. */
  seconds(): number;
  milliseconds(): number;
  /** A whole number of 0 to `below` - 1. */
  random(below: number): number;
  /** The owner of the firewall's own socket that the packet comes from or goes to. */
  owner(description: Description): SocketOwner | undefined;
  /**
   * For packet tracers (trace.ts): called for each rule that an evaluation looks at, before the rule takes effect.
   * `miss` is the result of firstMismatch(); `prefix` and the rule's number make the rule's path.
   */
  readonly considered?: (rule: LoadedRule, miss: number, prefix: string, question: Question) => void;
}

/** The parts of an evaluation that criteria look at, and a tracer may. */
export interface Question {
  readonly kernel: Kernel;
  readonly description: Description;
  readonly actions: Actions;
  readonly icmp: IcmpMapping | undefined;
  /** Set by a rule that matched before; else the packet's own. */
  tag: string | undefined;
}
