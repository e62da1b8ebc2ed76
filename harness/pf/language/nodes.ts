/**
 * The clauses of a rule before expansion: lists are still lists, names are resolved, families not yet settled. Each
 * node becomes one value of one expanded rule (expansion/expand.ts).
 */

import type { Family } from "../packet.ts";
import type {
  AddressSpec,
  OwnerOperator,
  Pool,
  PoolType,
  RangeOperator,
  SctpTimeoutName,
  TimeoutName,
} from "../rule.ts";

/** One address of a `from`, `to`, pool or table list. */
export interface HostNode {
  readonly spec: AddressSpec;
  /** Absent for tables, dynamic interfaces, no-route … */
  readonly family?: Family;
  /** Bits of the mask as given, unchecked: 33 on an IPv4 address is an error that expansion reports. */
  readonly prefix: number;
  readonly negated: boolean;
  /** Number of the interface of a link-local address, 0 for none. */
  readonly scope: number;
  /** `weight N` of pools; 0: none given. */
  readonly weight: number;
  /** The interface of a route, as in `(em0 192.0.2.254)`. */
  readonly via?: string;
}

/** One item of `on`, or of `received-on`. */
export interface InterfaceNode {
  readonly name?: string;
  readonly rdomain?: number;
  readonly negated: boolean;
}

export interface IcmpNode {
  /** 1 or 58: what the rule's protocol must be. */
  readonly protocol: number;
  readonly type: number;
  readonly code?: number;
}

/** Port of a translation: one, a range, or `N:*` (same size as the rule's range). */
export interface PoolPorts {
  readonly from: number;
  readonly to: number;
  readonly kind: "single" | "range" | "star";
}

export interface PoolNode {
  readonly hosts: readonly HostNode[];
  readonly ports?: PoolPorts;
  readonly type?: PoolType;
  readonly hashKey?: string;
  readonly sticky: boolean;
  readonly staticPort: boolean;
  readonly portSet?: Pool["portSet"];
  readonly endpointIndependent?: boolean;
  readonly preferIpv6Nexthop?: boolean;
  /** Written as binat-to. */
  readonly binat: boolean;
  /** Target family of af-to. */
  readonly family?: Family;
}

/** Either end of `from … to …`; absent hosts are `any`. */
export interface EndNode {
  readonly hosts?: readonly HostNode[] | undefined;
  readonly ports?: readonly RangeOperator[] | undefined;
}

export interface FromTo {
  readonly source: EndNode;
  readonly destination: EndNode;
  readonly os?: readonly string[] | undefined;
}

/** The lists of one rule text, outermost loop first: see expand.ts. */
export interface Lists {
  readonly interfaces?: readonly InterfaceNode[] | undefined;
  readonly protocols?: readonly number[] | undefined;
  readonly icmp?: readonly IcmpNode[] | undefined;
  readonly ends: FromTo;
  readonly users?: readonly OwnerOperator[] | undefined;
  readonly groups?: readonly OwnerOperator[] | undefined;
  readonly receivedOn?: InterfaceNode | undefined;
}

/** One item of `keep state (…)`. */
export type StateItem =
  | { readonly kind: "max" | "max-src-states" | "max-src-conn" | "max-src-nodes"; readonly value: number }
  | { readonly kind: "max-src-conn-rate"; readonly limit: number; readonly seconds: number }
  | { readonly kind: "no-sync" | "sloppy" | "pflow" | "allow-related" | "if-bound" | "floating" }
  | { readonly kind: "source-track"; readonly mode: "bare" | "rule" | "global" }
  | { readonly kind: "overload"; readonly table: string; readonly flush?: "rule" | "global" }
  | { readonly kind: "timeout"; readonly name: TimeoutName | SctpTimeoutName; readonly seconds: number };

/** A queue that an `altq` or a parent has announced. */
export interface AnnouncedQueue {
  readonly name: string;
  readonly on: string;
  readonly scheduler: string;
  /** Bits per second of the parent. */
  readonly parentBits: number;
  readonly parent: string;
}

export interface AltqInterface {
  readonly name: string;
  readonly scheduler: string;
  defaults: number;
  readonly priorities: Set<number>;
  /** Bandwidth given to the children of each queue so far. */
  readonly given: Map<string, number>;
}
