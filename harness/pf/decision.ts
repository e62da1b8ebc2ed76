/**
 * What the firewall model answers for one packet in one direction, with the reasons: the border
 * between `harness/pf` and the wires (the simulator's router, the TUN engine of netns).
 *
 * A forwarded packet is asked about twice: `in` on the interface it came by, `out` on the one it
 * leaves by. `PacketNotes` goes with it from the first question to the second, as a kernel's
 * packet header does; a router makes one per packet and never looks inside.
 */

import type { Packet } from "./packet.ts";

/** Where a rule stands: `5` = main rule 5, `5/0` = rule 0 in the anchor that rule 5 calls, `3/4711.1/1` = rule 1 of child 4711.1 of the wildcard anchor at 3. */
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

/** Carried with the packet between its two tests; made by `newNotes()`, written only by the model. */
export interface PacketNotes {
  tag?: string;
  rtable?: number;
  prio?: number;
  queue?: string;
  receivedOn?: string;
  /** The state made on the way in took over the stack key of one that was over (see packet-test.ts). */
  tookOver?: boolean;
  /** Made by the firewall itself as an answer: passes without being asked. */
  generated?: boolean;
}

interface Tested {
  /** Rules that the packet met and that had a say, in order; the last is the deciding one. */
  readonly rules: readonly RulePosition[];
  /** Packets that the firewall itself sends because of this one (RST, ICMP, SYN proxy). They are routed, not tested. */
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
      /** Deliver to this local socket with the packet unchanged (divert-to), or to the socket it belongs to (divert-reply). */
      readonly divert?: { readonly address: string; readonly port: number } | "reply";
      /** route-to / reply-to / af-to: leave by this interface or next hop instead of the routing table's. */
      readonly route?: { readonly interface?: string; readonly nextHop?: string };
      /** Translated on its way out: the route must be looked up anew, without another test. */
      readonly reroute?: boolean;
      /** dup-to: a copy to be sent there. */
      readonly duplicate?: { readonly interface?: string; readonly nextHop?: string };
      /** Id of the state that it belongs to or that it made. */
      readonly state?: number;
    })
  | (Tested & { readonly verdict: "drop"; readonly reason: DropReason });
