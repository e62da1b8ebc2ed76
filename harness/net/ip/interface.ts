/**
 * One network interface of a node: its name, its addresses, its link. Taps see every packet that it sends (before
 * the link's faults) and receives (before the node's packet filter).
 *
 * @example
 * const guard = em0.tap((direction, packet) => seen.push(packet));
 */

import type { Family, Packet } from "../../pf/packet.ts";
import type { VirtualClock } from "../time/clock.ts";
import { canonicalAddress, familyOf } from "../wire/address.ts";

export interface InterfaceAddress {
  readonly address: string;
  /** Bits of the network prefix. */
  readonly prefix: number;
}

/** The medium of an interface: a Link, or the loopback. */
export interface Medium {
  /** Bytes of the largest IP packet. */
  readonly mtu: number;
  attach(one: NetworkInterface): void;
  /** False when no interface there has the address `nextHop`. */
  carry(from: NetworkInterface, packet: Packet, nextHop: string): boolean;
}

export type Tap = (direction: "in" | "out", packet: Packet) => void;

export interface InterfaceOptions {
  readonly name: string;
  /** Each as `10.0.0.1/24`. */
  readonly addresses: readonly string[];
  /** pf.conf(5) interface groups, such as `egress`. */
  readonly groups?: readonly string[];
}

export class NetworkInterface {
  readonly name: string;
  /** `node.interface`: unique in a network. */
  readonly path: string;
  readonly addresses: readonly InterfaceAddress[];
  readonly groups: readonly string[];
  readonly medium: Medium;
  readonly #receive: (packet: Packet, from: NetworkInterface) => void;
  readonly #taps = new Set<Tap>();

  constructor(
    node: string,
    options: InterfaceOptions,
    medium: Medium,
    receive: (packet: Packet, from: NetworkInterface) => void,
  ) {
    this.name = options.name;
    this.path = `${node}.${options.name}`;
    this.groups = options.groups ?? [];
    this.addresses = options.addresses.map((text) => {
      const [address = "", prefix] = text.split("/");
      return { address: canonicalAddress(address), prefix: Number(prefix ?? (address.includes(":") ? 128 : 32)) };
    });
    this.medium = medium;
    this.#receive = receive;
    medium.attach(this);
  }

  get mtu(): number {
    return this.medium.mtu;
  }

  /** The first address of the family. */
  address(family: Family): string | undefined {
    return this.addresses.find(({ address }) => familyOf(address) === family)?.address;
  }

  tap(tap: Tap): { remove(): void } {
    this.#taps.add(tap);
    return { remove: () => this.#taps.delete(tap) };
  }

  /** False when no interface on the medium has that address. */
  send(packet: Packet, nextHop: string): boolean {
    for (const tap of this.#taps) tap("out", packet);
    return this.medium.carry(this, packet, nextHop);
  }

  /** The medium calls this on arrival. */
  arrive(packet: Packet): void {
    for (const tap of this.#taps) tap("in", packet);
    this.#receive(packet, this);
  }
}

/**
 * The medium of lo0: a packet arrives at the same node and the same virtual time, but never before the sender has
 * returned.
 */
export class Loopback implements Medium {
  /** lo(4) on OpenBSD. */
  readonly mtu = 32_768;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  attach(): void {}

  carry(from: NetworkInterface, packet: Packet): boolean {
    this.#clock.schedule(0, () => from.arrive(packet));
    return true;
  }
}
