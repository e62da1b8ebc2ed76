/**
 * Rules in kernel form: lists expanded, names resolved, defaults applied. Parser, printer and evaluation share these
 * records; fields are in the order in which pfctl(8) prints them.
 *
 * A text rule `pass in proto tcp from { a b } to c` becomes two of these. Absent fields are `undefined`; everything is
 * readonly, counters live in engine/rules/loaded-rule.ts.
 */

import type { Family } from "./packet.ts";

export type Direction = "in" | "out";

/** `= != < <= > >=`, `a:b` (inclusive), `a >< b` (between), `a <> b` (outside): pf.conf(5). */
export type RangeOperator =
  | { readonly op: "=" | "!=" | "<" | "<=" | ">" | ">="; readonly value: number }
  | { readonly op: ":" | "><" | "<>"; readonly from: number; readonly to: number };

/** uid or gid operator; `unknown` is the literal word of pf.conf(5). */
export type OwnerOperator = RangeOperator | { readonly op: "=" | "!="; readonly value: "unknown" };

/** An address as a rule has it. Networks are masked; `prefix` is in bits. */
export type AddressSpec =
  | { readonly kind: "any" }
  | { readonly kind: "network"; readonly family: Family; readonly address: string; readonly prefix: number }
  /** `10.0.0.1 - 10.0.0.9`, both ends included; `first` may be above `last` (nothing matches then). */
  | { readonly kind: "range"; readonly family: Family; readonly first: string; readonly last: string }
  | { readonly kind: "table"; readonly name: string }
  /** `(em0:network)/24`: resolved at match time; `modifiers` in printed order; no `prefix`: the address itself. */
  | {
      readonly kind: "dynamic";
      readonly interface: string;
      readonly modifiers: readonly ("network" | "broadcast" | "peer" | "0")[];
      readonly prefix?: number;
    }
  | { readonly kind: "no-route" }
  | { readonly kind: "urpf-failed" }
  | { readonly kind: "route"; readonly label: string };

/** One end of `from … to …`. */
export interface RuleEnd {
  readonly address: AddressSpec;
  readonly negated: boolean;
  readonly port?: RangeOperator;
}

/** `log (all, matches, user, to pflogN)`; an empty record is plain `log`. */
export interface LogOptions {
  readonly all?: boolean;
  readonly matches?: boolean;
  readonly user?: boolean;
  readonly to?: string;
}

export type PoolType = "bitmask" | "random" | "source-hash" | "round-robin" | "least-states";

/** One address of a listed pool; without an address: packets leave by the interface alone. */
export interface PoolMember {
  readonly address?: AddressSpec;
  readonly interface?: string;
}

/** Addresses for nat-to, rdr-to, route-to … */
export interface Pool {
  /** Several addresses have become a table `<__automatic_N>`, as with pfctl. */
  readonly address: AddressSpec;
  /** `route-to` of the era `rdr-anchor` only: interface of the first address, as in `(em0 10.0.0.1)`. */
  readonly interface?: string;
  /** Era `rdr-anchor`: the addresses as listed, for printing; `address` is a table that holds them. */
  readonly list?: readonly PoolMember[];
  readonly type?: PoolType;
  /** `source-hash` key as printed, `0x` and 32 hex digits. */
  readonly hashKey?: string;
  readonly sticky?: boolean;
  /** FreeBSD: ports of RFC 7597, `map-e-portset 6/8/0x34`. The engine does not carry it out. */
  readonly portSet?: { readonly offset: number; readonly length: number; readonly id: number };
  /** FreeBSD: one mapping for each UDP source, whatever the destination. The engine does not carry it out. */
  readonly endpointIndependent?: boolean;
  readonly preferIpv6Nexthop?: boolean;
  /**
   * nat-to: absent means the default 50001:65535; `static-port` is `{ from: 0, to: 0 }`. rdr-to: target port(s); `to`
   * 0 = single.
   */
  readonly port?: { readonly from: number; readonly to: number };
}

/** FreeBSD: packets go through a pipe or queue of dummynet(4). The engine does not carry it out. */
export interface Dummynet {
  readonly kind: "dnpipe" | "dnqueue";
  readonly number: number;
  /** For packets in the other direction. */
  readonly back?: number;
}

export interface SetActions {
  readonly prio?: readonly [number] | readonly [number, number];
  readonly queue?: readonly [string] | readonly [string, string];
  readonly tos?: number;
  /** Milliseconds. */
  readonly delay?: number;
}

export interface ScrubActions {
  readonly noDf?: boolean;
  readonly randomId?: boolean;
  readonly minTtl?: number;
  readonly reassembleTcp?: boolean;
  readonly maxMss?: number;
  /** Era `rdr-anchor`: `set-tos`. */
  readonly setTos?: number;
}

/** Names as in pf.conf(5) and as printed; seconds, or states for `adaptive.*`. */
export type TimeoutName =
  | "tcp.first"
  | "tcp.opening"
  | "tcp.established"
  | "tcp.closing"
  | "tcp.finwait"
  | "tcp.closed"
  | "tcp.tsdiff"
  | "udp.first"
  | "udp.single"
  | "udp.multiple"
  | "icmp.first"
  | "icmp.error"
  | "other.first"
  | "other.single"
  | "other.multiple"
  | "frag"
  | "interval"
  | "adaptive.start"
  | "adaptive.end"
  | "src.track";

/** Timeouts of FreeBSD's own protocol. The engine tracks no SCTP. */
export type SctpTimeoutName = "sctp.first" | "sctp.opening" | "sctp.established" | "sctp.closing" | "sctp.closed";

export interface StateOptions {
  readonly max?: number;
  readonly noSync?: boolean;
  readonly sourceTrack?: "rule" | "global";
  readonly maxSrcStates?: number;
  readonly maxSrcConn?: number;
  readonly maxSrcConnRate?: { readonly limit: number; readonly seconds: number };
  readonly maxSrcNodes?: number;
  readonly overload?: { readonly table: string; readonly flush?: "rule" | "global" };
  readonly policy?: "if-bound" | "floating";
  readonly sloppy?: boolean;
  readonly pflow?: boolean;
  /** FreeBSD: as `set ( … )`, ICMP errors of the connection pass whatever the rules say. */
  readonly allowRelated?: boolean;
  readonly timeouts?: Readonly<Partial<Record<TimeoutName | SctpTimeoutName, number>>>;
}

export type StateKind = "none" | "keep" | "modulate" | "synproxy";

export type BlockReturn =
  | { readonly kind: "drop" }
  | { readonly kind: "return" }
  | { readonly kind: "return-rst"; readonly ttl?: number }
  /**
   * Codes by family; the packet decides which is used. `type6` is given where it is not 1: pfctl stores ICMPv6 type 3
   * with `return-icmp(code)`, so PF sends and pfctl prints that.
   */
  | { readonly kind: "return-icmp"; readonly code: number; readonly code6: number; readonly type6?: number };

/** Criteria that a packet must meet: shared by filter rules and anchor rules. */
export interface Criteria {
  readonly direction?: Direction;
  readonly interface?: { readonly name: string; readonly negated: boolean };
  readonly rdomain?: { readonly number: number; readonly negated: boolean };
  readonly family?: Family;
  /** IP protocol number. */
  readonly protocol?: number;
  readonly source: RuleEnd;
  readonly sourceOs?: string;
  readonly destination: RuleEnd;
  readonly receivedOn?: { readonly name: string; readonly negated: boolean };
  readonly user?: OwnerOperator;
  readonly group?: OwnerOperator;
  /** `flags SET/MASK` as TCP_FLAG bits; mask 0 never occurs here (`flags any` is absence). */
  readonly flags?: { readonly set: number; readonly mask: number };
  readonly icmp?: { readonly type: number; readonly code?: number };
  readonly tos?: number;
  readonly prio?: number;
  readonly maxPacketRate?: { readonly limit: number; readonly seconds: number };
  /** FreeBSD. The engine does not carry it out. */
  readonly maxPacketSize?: RangeOperator;
  /** 0 < p < 1, as a fraction. */
  readonly probability?: number;
  readonly fragment?: boolean;
  readonly tagged?: { readonly tag: string; readonly negated: boolean };
}

interface RuleBase extends Criteria {
  /** Line of the text that it comes from, 1-based; expanded rules share it. */
  readonly line: number;
  readonly file?: string;
  readonly quick?: boolean;
  readonly log?: LogOptions;
  readonly label?: string;
  /** FreeBSD: labels after the first one. */
  readonly moreLabels?: readonly string[];
  /** FreeBSD: a number for programs that read the rules. */
  readonly ridentifier?: number;
  readonly dummynet?: Dummynet;
  readonly tag?: string;
  readonly rtable?: number;
  readonly set?: SetActions;
  readonly scrub?: ScrubActions;
  readonly allowOpts?: boolean;
  readonly once?: boolean;
}

export interface FilterRule extends RuleBase {
  readonly kind: "filter";
  readonly action: "pass" | "match" | "block";
  /** On block only. */
  readonly answer?: BlockReturn;
  /** match and block rules have "none". */
  readonly state: StateKind;
  readonly stateOptions?: StateOptions;
  readonly divert?:
    | { readonly kind: "divert-to"; readonly address: string; readonly port: number }
    | { readonly kind: "divert-reply" }
    | { readonly kind: "divert-packet"; readonly port: number }
    /** FreeBSD's `divert-to 8000`, to a divert(4) socket. The engine does not carry it out. */
    | { readonly kind: "divert-socket"; readonly port: number };
  readonly afTo?: { readonly family: Family; readonly from: Pool; readonly to?: Pool };
  readonly natTo?: Pool;
  readonly rdrTo?: Pool;
  readonly route?: { readonly kind: "route-to" | "reply-to" | "dup-to"; readonly pool: Pool };
}

export interface AnchorRule extends RuleBase {
  readonly kind: "anchor";
  /** As written, e.g. `ftp-proxy/*`; absent for an unnamed inline anchor. */
  readonly name?: string;
  /** Name of an unnamed inline anchor in the kernel's tree: `_1`, `_2`, … */
  readonly internalName?: string;
  /**
   * Inline `{ … }` rules, already in kernel form. If the anchor rule itself expands to several (`on { a b } { … }`),
   * only the first carries them: the others call the same anchor, by `name` or `internalName`.
   */
  readonly rules?: readonly Rule[];
  /** Tables defined inside `{ … }`. */
  readonly tables?: readonly TableDefinition[];
}

export type Rule = FilterRule | AnchorRule;

/** A table as a text defines it: `table <t> persist { 10/8 !10.1/16 } file "f"`, names and files resolved. */
export interface TableDefinition {
  readonly name: string;
  readonly persist?: boolean;
  readonly const?: boolean;
  readonly counters?: boolean;
  readonly files: readonly string[];
  /** Given addresses in order, canonical, `negated` as `!`. Names are resolved, contents of `files` included. */
  readonly addresses: readonly TableAddress[];
  /** `{ }` or `file` was written, even if empty: loading replaces the contents. */
  readonly initialised?: boolean;
  /** The canonical line, `table <t> persist { 10.0.0.0/8 !10.1.1.1 }`. */
  readonly text: string;
  readonly line: number;
}

export interface TableAddress {
  readonly address: string;
  /** Bits; 32 or 128 for a host. */
  readonly prefix: number;
  readonly negated: boolean;
}

// The era `rdr-anchor` (OpenBSD before 4.7, FreeBSD) has translation rules in lists of their own, tested before the
// filter rules, and scrub rules, tested before those. In each list the first match wins; filter rules then see the
// translated packet. `rdr pass on em1 inet proto tcp from any to any port 21 -> 127.0.0.1 port 8021`

export type TranslationType = "nat" | "rdr" | "binat";

interface Placed {
  /** 1-based. */
  readonly line: number;
  readonly file?: string;
}

export interface TranslationRule extends Criteria, Placed {
  readonly kind: "translation";
  readonly type: TranslationType;
  /** `no nat`, `no rdr`, `no binat`: packets that match are not translated, by no later rule either. */
  readonly exempt?: boolean;
  /** `rdr pass`: packets that match pass whatever the filter rules say, and make a state. */
  readonly pass?: boolean;
  readonly log?: LogOptions;
  readonly tag?: string;
  readonly rtable?: number;
  /** Absent on exemptions. nat: the new source, rdr: the new destination, binat: either, by direction. */
  readonly pool?: Pool;
}

/** `nat-anchor "ftp-proxy/*"`: calls the rules of that type in the anchor. */
export interface TranslationAnchor extends Criteria, Placed {
  readonly kind: "translation-anchor";
  readonly type: TranslationType;
  readonly name: string;
  readonly rtable?: number;
  /** Written in place; as pfctl shows loaded anchors with `-a '*'`. */
  readonly rules?: readonly Translation[];
}

export type Translation = TranslationRule | TranslationAnchor;

/** `scrub in on em0 all no-df fragment reassemble`. */
export interface ScrubRule extends Criteria, Placed {
  readonly kind: "scrub";
  readonly direction?: Direction;
  readonly exempt?: boolean;
  readonly log?: LogOptions;
  readonly scrub: ScrubActions;
  readonly fragments: "reassemble" | "no reassemble" | "crop" | "drop-ovl";
  readonly rtable?: number;
}

/** A rule of FreeBSD for frames, as it is printed: the engine does not carry it out. */
export interface EtherRule {
  readonly kind: "ether";
  readonly text: string;
  readonly line: number;
  /** Of an anchor: the rules in its braces. */
  readonly rules?: readonly EtherRule[];
}
