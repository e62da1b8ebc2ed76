/**
 * The inside of a node's lo0: what is sent arrives at the same node, at the same virtual time but
 * never before the sender has returned.
 *
 * @example
 * new Interface("firewall", { name: "lo0", addresses: ["127.0.0.1/8"] }, new Loopback(clock), receive);
 */

import type { Packet } from "../../pf/packet.ts";
import type { VirtualClock } from "../time/clock.ts";
import type { Interface, Medium } from "./interface.ts";

export class Loopback implements Medium {
  /** lo(4) on OpenBSD. */
  readonly mtu = 32_768;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  attach(): void {}

  carry(from: Interface, packet: Packet): boolean {
    this.#clock.schedule(0, () => from.arrive(packet));
    return true;
  }
}
