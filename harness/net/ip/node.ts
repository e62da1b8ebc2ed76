/**
 * A simulated machine at the IP layer: interfaces, routes, a filter if it is the firewall, and the transports
 * (TCP, UDP, ICMP) that take packets for the machine itself. The forwarder decides the way of each packet.
 * Every address of the node is its own on every interface (weak host model, as OpenBSD and Linux have it).
 *
 * @example
 * const outcome = node.send(packet); // "sent", or why not
 */

import type { Decision } from "../../pf/decision.ts";
import type { Family, Packet } from "../../pf/packet.ts";
import type { VirtualClock } from "../time/clock.ts";
import type { SeededRandom } from "../time/random.ts";
import {
  asRecords,
  type Filter,
  Forwarder,
  LOOPBACK_INTERFACE,
  type Loss,
  type Passed,
  type SendOutcome,
} from "./forwarder.ts";
import { Reassembly } from "./fragmentation.ts";
import { type InterfaceOptions, Loopback, type Medium, NetworkInterface } from "./interface.ts";
import { type Hop, RoutingTable } from "./routing-table.ts";

/** Where a diverted packet is to be delivered: to a listener, or to the socket that it belongs to. */
export type Divert = Passed["divert"];

export interface Transport {
  readonly protocols: readonly number[];
  /** False: no socket wants it (the node answers "port unreachable", except for TCP, which answers itself). */
  receive(packet: Packet, divert: Divert): boolean;
}

/** A packet that the filter did not let through, and why. */
export interface PacketDrop {
  /** Virtual milliseconds since the epoch. */
  readonly atMs: number;
  readonly node: string;
  readonly interface: string;
  readonly direction: "in" | "out";
  readonly packet: Packet;
  readonly decision: Decision & { readonly verdict: "drop" };
}

export class Node {
  readonly name: string;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly routes = new RoutingTable();
  readonly interfaces = new Map<string, NetworkInterface>();
  /** Does it pass on packets that are not for itself? */
  forwarding = false;
  readonly #own = new Set<string>();
  readonly #transports = new Map<number, Transport>();
  readonly #reassembly = new Reassembly();
  readonly #pathMtu = new Map<string, number>();
  readonly #dropObservers = new Set<(drop: PacketDrop) => void>();
  #onLoss: (packet: Packet, loss: Loss) => void = () => {};
  readonly #forwarder: Forwarder<Packet, NetworkInterface>;
  #filter: Filter | undefined;

  constructor(name: string, clock: VirtualClock, random: SeededRandom) {
    this.name = name;
    this.clock = clock;
    this.random = random;
    this.#forwarder = new Forwarder({
      form: asRecords(() => random.below(0x10000)),
      filter: () => this.#filter,
      interface: (name) => this.interfaces.get(name),
      forwards: () => this.forwarding,
      isOwn: (address) => this.#own.has(address),
      route: (destination) => this.#hop(destination),
      deliver: (packet, at, decision) => {
        if (at !== undefined) this.#deliver(packet, decision?.divert);
        else clock.schedule(0, () => this.#deliver(packet, undefined));
      },
      transmit: (packet, out, nextHop) => out.send(packet, nextHop),
      errorSource: (about, at) => at?.address(about.family) ?? this.sourceFor(about.source),
      after: (milliseconds, run) => clock.schedule(milliseconds * 1000, run),
      lost: (packet, loss) => this.#onLoss(packet, loss),
      tested: (direction, at, packet, decision) => this.#tested(direction, at, packet, decision),
    });
    this.attach({ name: LOOPBACK_INTERFACE, addresses: ["127.0.0.1/8", "::1/128"] }, new Loopback(clock));
  }

  /** Adds an interface with routes to its own networks. */
  attach(options: InterfaceOptions, medium: Medium): NetworkInterface {
    const one = new NetworkInterface(this.name, options, medium, (packet, at) => this.#forwarder.receive(packet, at));
    this.interfaces.set(one.name, one);
    for (const { address, prefix } of one.addresses) {
      this.#own.add(address);
      this.routes.add({ prefix: `${address}/${prefix}`, interface: one.name });
    }
    return one;
  }

  setFilter(filter: Filter | undefined): void {
    this.#filter = filter;
  }

  /** Calls back for each packet that the filter drops. */
  onDrop(observer: (drop: PacketDrop) => void): void {
    this.#dropObservers.add(observer);
  }

  /** Calls back for each packet that passes the filter and gets stuck. */
  onLoss(observer: (packet: Packet, loss: Loss) => void): void {
    this.#onLoss = observer;
  }

  use(transport: Transport): void {
    for (const protocol of transport.protocols) this.#transports.set(protocol, transport);
  }

  isOwn(address: string): boolean {
    return this.#own.has(address);
  }

  /** The source address of own packets to `destination`; undefined when there is no route. */
  sourceFor(destination: string): string | undefined {
    if (this.isOwn(destination)) return destination;
    const family: Family = destination.includes(":") ? "inet6" : "inet";
    const hop = this.routes.lookup(destination);
    return hop && this.interfaces.get(hop.interface)?.address(family);
  }

  /** Bytes of the largest packet to `destination`, as far as is known. */
  mtuTo(destination: string): number {
    const hop = this.#hop(destination);
    const link = (hop && this.interfaces.get(hop.interface)?.mtu) ?? 1500;
    return Math.min(link, this.#pathMtu.get(destination) ?? link);
  }

  /** "Packet too big" has come for this destination. */
  learnMtu(destination: string, mtu: number): void {
    this.#pathMtu.set(destination, Math.min(mtu, this.mtuTo(destination)));
  }

  /** Sends a packet of the node's own. */
  send(packet: Packet): SendOutcome {
    return this.#forwarder.send(packet);
  }

  #hop(destination: string): Hop | undefined {
    if (this.isOwn(destination)) return { interface: LOOPBACK_INTERFACE, nextHop: destination };
    return this.routes.lookup(destination);
  }

  #deliver(packet: Packet, divert: Divert): void {
    const whole = packet.fragment === undefined ? packet : this.#reassembly.add(packet, this.clock.now());
    if (whole === undefined) return;
    const transport = this.#transports.get(whole.protocol);
    if (transport === undefined) this.#forwarder.report("protocol-unreachable", whole);
    else if (!transport.receive(whole, divert)) this.#forwarder.report("port-unreachable", whole);
  }

  #tested(direction: "in" | "out", at: NetworkInterface, packet: Packet, decision: Decision): void {
    if (decision.verdict !== "drop" || this.#dropObservers.size === 0) return;
    const drop = { atMs: this.clock.now(), node: this.name, interface: at.name, direction, packet, decision };
    for (const observer of this.#dropObservers) observer(drop);
  }
}
