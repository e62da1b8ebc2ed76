/**
 * The firewall model's answer for one packet in one direction, with its reasons: the border
 * between `harness/pf` and the wires (the simulator's router, the TUN engine of netns).
 *
 * A forwarded packet is tested twice: `in` on the interface it came by, `out` on the one it
 * leaves by. `PacketNotes` goes with it from the first question to the second, as a kernel's
 * packet header does; a router makes one per packet and never looks inside.
 */

import type { Packet } from "./packet.ts";

/**
 * The place of a rule: `5` = main rule 5, `5/0` = rule 0 in the anchor that rule 5 calls, `3/4711.1/1` = rule 1 of
 * child 4711.1 of the wildcard anchor at 3.
 */
export interface RulePosition {
  readonly path: string;
  /** Canonical text as pfctl -sr prints it. */
  readonly text: string;
  readonly line: number;
}

/** Reasons as pf counts them (pfctl -si). */
export type DropReason =
  | "match"
  | "bad-offset"
  | "fragment"
  | "short"
  | "normalize"
  | "memory"
  | "ip-option"
  | "state-mismatch"
  | "state-insert"
  | "state-limit"
  | "src-limit"
  | "synproxy"
  | "translate"
  | "no-route";

/** Travels with the packet between its two tests; made by `newNotes()`, written only by the model. */
export interface PacketNotes {
  tag?: string;
  rtable?: number;
  prio?: number;
  queue?: string;
  receivedOn?: string;
  /** The state made on the way in took over the stack key of an ended one (see packet-test.ts). */
  tookOver?: boolean;
  /** Made by the firewall itself as an answer: passes untested. */
  generated?: boolean;
}

interface Tested {
  /** Rules that matched, in order; the last one decided. */
  readonly rules: readonly RulePosition[];
  /** Packets that the firewall sends because of this one (RST, ICMP, SYN proxy). They are routed, not tested. */
  readonly answers: readonly Packet[];
  /** Lines for pflog: the rule and action of each `log` that applied. */
  readonly logged: readonly {
    readonly rule: RulePosition;
    readonly action: "pass" | "block" | "match" | "rdr" | "nat";
  }[];
}

export type Decision =
  | (Tested & {
      readonly verdict: "pass";
      /** The packet as it goes on: translated, normalised. */
      readonly packet: Packet;
      /** Deliver the packet unchanged to this local socket (divert-to), or to its own socket (divert-reply). */
      readonly divert?: { readonly address: string; readonly port: number } | "reply";
      /** route-to, reply-to, af-to: this interface or next hop takes the place of the routing table's. */
      readonly route?: { readonly interface?: string; readonly nextHop?: string };
      /** Translated on its way out: needs another route, but no other test. */
      readonly reroute?: boolean;
      /** dup-to: a copy to be sent there. */
      readonly duplicate?: { readonly interface?: string; readonly nextHop?: string };
      /** Id of the state that the packet belongs to or made. */
      readonly state?: number;
    })
  | (Tested & { readonly verdict: "drop"; readonly reason: DropReason });
