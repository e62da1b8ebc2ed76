/**
 * A machine at the IP layer: interfaces, routes, a packet filter if it is the firewall, and what
 * takes packets that are for itself (`Transport`s: TCP, UDP, ICMP).
 *
 * Order for a packet that arrives: filter `in`, then divert, own address, or forwarding (TTL, route,
 * filter `out`, MTU). For an own packet: route, filter `out`, MTU. Answers that the filter makes are
 * routed and not tested. Every address of the node is its own on every interface (weak host model,
 * as OpenBSD and Linux have it).
 *
 * @example
 * const outcome = node.send(packet); // "sent", or why not
 */

import type { Decision, PacketNotes } from "../../pf/decision.ts";
import type { Family, Packet } from "../../pf/packet.ts";
import type { VirtualClock } from "../time/clock.ts";
import type { SeededRandom } from "../time/random.ts";
import { isLinkLocal } from "../wire/address.ts";
import { packetLength } from "../wire/length.ts";
import { fragment, Reassembly } from "./fragmentation.ts";
import { type IcmpErrorKind, icmpError, mayBeReported } from "./icmp-error.ts";
import { Interface, type InterfaceOptions, type Medium } from "./interface.ts";
import { Loopback } from "./loopback.ts";
import type { PacketDrop, PacketFilter } from "./packet-filter.ts";
import { type Hop, RoutingTable } from "./routing-table.ts";

/** What became of a packet that the node itself sent. */
export type SendOutcome =
  | "sent"
  | "no-route"
  /** The node's own packet filter did not let it out. */
  | "blocked"
  /** Longer than the MTU and not to be fragmented. */
  | "too-big";

/** Where a diverted packet is to be delivered: to a listener, or to the socket that it belongs to. */
export type Divert = (Decision & { verdict: "pass" })["divert"];

export interface Transport {
  readonly protocols: readonly number[];
  /** False: nobody here wants it (the node answers "port unreachable", except for TCP, which answers itself). */
  receive(packet: Packet, divert: Divert): boolean;
}

/** How long a neighbour that does not answer is asked for: three ARP or ND probes a second apart. */
const NEIGHBOUR_PROBES_MS = 3000;

export class Node {
  readonly name: string;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly routes = new RoutingTable();
  readonly interfaces = new Map<string, Interface>();
  /** Does it pass on what is not for itself? */
  forwarding = false;
  readonly #own = new Set<string>();
  readonly #transports = new Map<number, Transport>();
  readonly #reassembly = new Reassembly();
  readonly #pathMtu = new Map<string, number>();
  readonly #dropObservers = new Set<(drop: PacketDrop) => void>();
  #filter: PacketFilter | undefined;

  constructor(name: string, clock: VirtualClock, random: SeededRandom) {
    this.name = name;
    this.clock = clock;
    this.random = random;
    this.attach({ name: "lo0", addresses: ["127.0.0.1/8", "::1/128"] }, new Loopback(clock));
  }

  /** Adds an interface with routes to its own networks. */
  attach(options: InterfaceOptions, medium: Medium): Interface {
    const one = new Interface(this.name, options, medium, (packet, from) => this.#receive(packet, from));
    this.interfaces.set(one.name, one);
    for (const { address, prefix } of one.addresses) {
      this.#own.add(address);
      this.routes.add({ prefix: `${address}/${prefix}`, interface: one.name });
    }
    return one;
  }

  setFilter(filter: PacketFilter | undefined): void {
    this.#filter = filter;
  }

  /** Tells each packet that the filter drops. */
  onDrop(observer: (drop: PacketDrop) => void): void {
    this.#dropObservers.add(observer);
  }

  use(transport: Transport): void {
    for (const protocol of transport.protocols) this.#transports.set(protocol, transport);
  }

  isOwn(address: string): boolean {
    return this.#own.has(address);
  }

  /** The address that own packets to `destination` bear; undefined when there is no route. */
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
    const hop = this.#hop(packet.destination);
    return hop === undefined ? "no-route" : this.#output(packet, hop, {}, undefined);
  }

  #hop(destination: string): Hop | undefined {
    if (this.isOwn(destination)) return { interface: "lo0", nextHop: destination };
    return this.routes.lookup(destination);
  }

  #receive(packet: Packet, from: Interface): void {
    const notes: PacketNotes = {};
    const decision = this.#test("in", from, packet, notes);
    if (decision?.verdict === "drop") return;
    const passed = decision?.packet ?? packet;
    if (decision?.divert !== undefined || this.isOwn(passed.destination)) this.#deliver(passed, decision?.divert);
    else if (this.forwarding && from.name !== "lo0") this.#forward(passed, from, notes, decision?.route);
  }

  #deliver(packet: Packet, divert: Divert): void {
    const whole = packet.fragment === undefined ? packet : this.#reassembly.add(packet, this.clock.now());
    if (whole === undefined) return;
    const transport = this.#transports.get(whole.protocol);
    if (transport === undefined) this.#report("protocol-unreachable", whole);
    else if (!transport.receive(whole, divert)) this.#report("port-unreachable", whole);
  }

  #forward(packet: Packet, from: Interface, notes: PacketNotes, route: RouteOverride): void {
    if (packet.ttl <= 1) {
      this.#report("time-exceeded", packet, from);
      return;
    }
    if (isLinkLocal(packet.source)) {
      this.#report("beyond-scope", packet, from);
      return;
    }
    const aged = { ...packet, ttl: packet.ttl - 1 };
    const hop = this.#overridden(this.#hop(packet.destination), route, packet.destination);
    if (hop === undefined) this.#report("net-unreachable", packet, from);
    else this.#output(aged, hop, notes, from);
  }

  /** The way out, for own (`from` undefined) and forwarded packets. */
  #output(packet: Packet, hop: Hop, notes: PacketNotes, from: Interface | undefined): SendOutcome {
    const out = this.interfaces.get(hop.interface);
    if (out === undefined) return "no-route";
    const origin = { about: packet, from };
    const decision = this.#test("out", out, packet, notes);
    if (decision?.verdict === "drop") return "blocked";
    if (decision === undefined) return this.#transmit(packet, out, hop.nextHop, origin);
    const { packet: passed, route } = decision;
    if (route !== undefined) {
      const other = this.#overridden(hop, route, passed.destination);
      // route-to another interface: pf(4) asks the rules again for that one.
      if (other !== undefined && other.interface !== hop.interface) return this.#output(passed, other, notes, from);
      return this.#transmit(passed, out, other?.nextHop ?? hop.nextHop, origin);
    }
    if (passed.destination === packet.destination) return this.#transmit(passed, out, hop.nextHop, origin);
    // Translated on the way out: another destination may lie elsewhere.
    const other = this.#hop(passed.destination);
    const way = other && this.interfaces.get(other.interface);
    return other === undefined || way === undefined ? "no-route" : this.#transmit(passed, way, other.nextHop, origin);
  }

  #transmit(packet: Packet, out: Interface, nextHop: string, origin: Origin): SendOutcome {
    if (packetLength(packet) <= out.mtu) this.#put(packet, out, nextHop, origin);
    else if (packet.family === "inet" && packet.dontFragment !== true && packet.fragment === undefined) {
      for (const part of fragment(packet, out.mtu, this.random.below(0x10000))) this.#put(part, out, nextHop, origin);
    } else {
      if (origin.from !== undefined) this.#report("too-big", origin.about, origin.from, out.mtu);
      return "too-big";
    }
    return "sent";
  }

  #put(packet: Packet, out: Interface, nextHop: string, { about, from }: Origin): void {
    if (out.send(packet, nextHop)) return;
    this.clock.schedule(NEIGHBOUR_PROBES_MS * 1000, () => this.#report("host-unreachable", about, from ?? out));
  }

  /** Asks the filter, sends what it answers, tells of drops. Undefined without a filter. */
  #test(direction: "in" | "out", at: Interface, packet: Packet, notes: PacketNotes): Decision | undefined {
    const decision = this.#filter?.test(direction, at.name, packet, notes);
    if (decision === undefined) return undefined;
    for (const answer of decision.answers) this.#sendUntested(answer);
    if (decision.verdict === "drop") {
      const drop = { atMs: this.clock.now(), node: this.name, interface: at.name, direction, packet, decision };
      for (const observer of this.#dropObservers) observer(drop);
    } else if (decision.duplicate !== undefined) {
      this.#sendUntested(decision.packet, decision.duplicate);
    }
    return decision;
  }

  /** What pf(4) itself generates: routed, but not asked about. To an own address it does not go through lo0's rules either. */
  #sendUntested(packet: Packet, route?: RouteOverride): void {
    if (route === undefined && this.isOwn(packet.destination)) {
      this.clock.schedule(0, () => this.#deliver(packet, undefined));
      return;
    }
    const hop = this.#overridden(this.#hop(packet.destination), route, packet.destination);
    const out = hop && this.interfaces.get(hop.interface);
    if (out !== undefined) this.#transmit(packet, out, hop!.nextHop, { about: packet, from: undefined });
  }

  #overridden(hop: Hop | undefined, route: RouteOverride, destination: string): Hop | undefined {
    if (route === undefined) return hop;
    if (route.interface !== undefined) return { interface: route.interface, nextHop: route.nextHop ?? destination };
    return route.nextHop === undefined ? hop : this.#hop(route.nextHop);
  }

  /** Tells the sender that its packet did not get on. The node's own packets are reported to itself. */
  #report(kind: IcmpErrorKind, about: Packet, at?: Interface, mtu?: number): void {
    if (!mayBeReported(about)) return;
    const source = at?.address(about.family) ?? this.sourceFor(about.source);
    if (source === undefined) return;
    this.send(icmpError(kind, about, { source, ...(mtu !== undefined && { mtu }) }));
  }
}

/** Of a packet on its way out: what its sender knows it as, and where it came in; an own one has come from nowhere. */
interface Origin {
  readonly about: Packet;
  readonly from: Interface | undefined;
}

type RouteOverride = { readonly interface?: string; readonly nextHop?: string } | undefined;
