/**
 * One pf.conf text (or the text of one anchor), parsed: the product of `parse`, the
 * input of the printer and of the firewall model.
 */

import type { EtherRule, Rule, ScrubRule, TableDefinition, TimeoutName, Translation } from "./rule.ts";

export type { TableAddress, TableDefinition } from "./rule.ts";

export interface QueueDefinition {
  readonly name: string;
  readonly interface?: string;
  readonly parent?: string;
  /** The rest of the canonical line, after name and parent or interface. */
  readonly text: string;
  /** Takes packets that no rule assigns. */
  readonly isDefault?: boolean;
  /** A flow queue. */
  readonly flows?: boolean;
  /** Has a bandwidth above 0. */
  readonly bandwidth?: boolean;
  /** A root that may have children. */
  readonly rootClass?: boolean;
  readonly line: number;
}

/** `set …`, normalised; absent where the text has none. */
export interface Options {
  /** FreeBSD: what becomes of a packet that a pass rule cannot pass. */
  readonly failPolicy?: "drop" | "return";
  /** FreeBSD: counters survive a load. */
  readonly keepCounters?: boolean;
  readonly blockPolicy?: "drop" | "return";
  readonly statePolicy?: "floating" | "if-bound";
  readonly skip?: readonly string[];
  readonly reassemble?: { readonly enabled: boolean; readonly noDf: boolean };
  readonly timeouts?: Readonly<Partial<Record<TimeoutName, number>>>;
  readonly limits?: Readonly<Record<string, number>>;
  readonly optimization?: string;
  readonly debug?: string;
  readonly hostid?: number;
  readonly loginterface?: string;
  readonly syncookies?: string;
  readonly fingerprints?: string;
  /** Era `rdr-anchor`: whether statements must come in pfctl's order; yes by default. */
  readonly requireOrder?: boolean;
  readonly rulesetOptimization?: "none" | "basic" | "profile";
}

export interface Ruleset {
  readonly options: Options;
  readonly tables: readonly TableDefinition[];
  readonly queues: readonly QueueDefinition[];
  readonly rules: readonly Rule[];
  /** Era `rdr-anchor` only. */
  readonly translations?: readonly Translation[];
  /** Era `rdr-anchor` only. */
  readonly scrubs?: readonly ScrubRule[];
  /** FreeBSD only. */
  readonly ethers?: readonly EtherRule[];
  /** `load anchor "name" from "file"`, in order. */
  readonly loads: readonly { readonly anchor: string; readonly file: string; readonly line: number }[];
}

/** An interface of the firewall, to which names, groups and `self` resolve. */
export interface Interface {
  readonly name: string;
  readonly groups: readonly string[];
  /** In the order of ifconfig(8); link-local ones without `%if`. */
  readonly addresses: readonly {
    readonly address: string;
    readonly prefix: number;
    readonly broadcast?: string;
    readonly peer?: string;
  }[];
  readonly rdomain?: number;
  readonly loopback?: boolean;
}
