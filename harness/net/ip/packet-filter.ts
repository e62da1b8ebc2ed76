/**
 * What a node asks about each packet, if it has a packet filter: the interface of the firewall
 * model of `harness/pf` as the simulator uses it.
 *
 * @example
 * node.setFilter(firewall); // an engine of harness/pf, or passAll
 */

import type { Decision, PacketNotes } from "../../pf/decision.ts";
import type { Packet } from "../../pf/packet.ts";

export interface PacketFilter {
  test(direction: "in" | "out", interfaceName: string, packet: Packet, notes: PacketNotes): Decision;
}

/** What the filter did not let through, and why. */
export interface PacketDrop {
  /** Virtual milliseconds since the epoch. */
  readonly atMs: number;
  readonly node: string;
  readonly interface: string;
  readonly direction: "in" | "out";
  readonly packet: Packet;
  readonly decision: Decision & { readonly verdict: "drop" };
}

/** pf disabled: pf(4) passes everything and keeps no state. */
export const passAll: PacketFilter = {
  test: (_direction, _interfaceName, packet) => ({ verdict: "pass", packet, rules: [], answers: [], logged: [] }),
};
