/**
 * The way of a packet through the guest: from a socket or a wire, past PF, over routes and wires to the next
 * interface. Each rdomain routes by its own table; PF is asked at every interface, as on OpenBSD.
 *
 * @example
 * const forwarding = new Forwarding({ network, firewall, sysctl, devices, divert, taps });
 * forwarding.fromSockets("pair1", bytes);
 */

import { type IcmpErrorKind, icmpError, mayBeReported } from "../../../harness/net/ip/icmp-error.ts";
import { decode } from "../../../harness/net/wire/decode.ts";
import { encode } from "../../../harness/net/wire/encode.ts";
import { rewrite } from "../../../harness/net/wire/rewrite.ts";
import type { Decision, PacketNotes } from "../../../harness/pf/decision.ts";
import type { Firewall } from "../../../harness/pf/engine/firewall.ts";
import { isTcp, type Packet, TCP_FLAG } from "../../../harness/pf/packet.ts";
import type { Divert } from "./divert.ts";
import type { Network, NetworkInterface, Way } from "./network.ts";
import type { Sysctl } from "./sysctl.ts";
import type { Taps } from "./taps.ts";

export interface ForwardingOptions {
  readonly network: Network;
  readonly firewall: Firewall;
  readonly sysctl: Sysctl;
  readonly write: (device: string, bytes: Uint8Array) => void;
  readonly divert: Divert;
  readonly taps: Taps;
}

/** The device behind vio0, in the world outside. */
export const WORLD = "world0";
export const MANAGEMENT = "vio0";

interface Carried {
  readonly packet: Packet;
  readonly bytes: Uint8Array;
}

type Passed = Decision & { readonly verdict: "pass" };

/** How long a neighbour that does not answer is asked for (arp(4), nd6): until then nothing is said. */
const NEIGHBOUR_MS = 3_000;
const isMulticast = (address: string): boolean => /^(22[4-9]|23\d|255)\.|^ff/.test(address);

export class Forwarding {
  readonly #options: ForwardingOptions;

  constructor(options: ForwardingOptions) {
    this.#options = options;
  }

  /** Sent by a socket of the interface's rdomain. */
  fromSockets(name: string, bytes: Uint8Array): void {
    const carried = carry(bytes);
    const from = this.#options.network.interfaces.get(name);
    if (carried === undefined || from === undefined) return;
    const notes: PacketNotes = from.rdomain === 0 ? {} : { rtable: from.rdomain };
    this.#route(carried, from.rdomain, notes, undefined);
  }

  /** Off a wire. */
  arrive(name: string, bytes: Uint8Array): void {
    const carried = carry(bytes);
    const at = this.#options.network.interfaces.get(name);
    if (carried !== undefined && at?.up) this.#input(carried, at);
  }

  #input(carried: Carried, at: NetworkInterface): void {
    const { network, write, divert, sysctl, taps } = this.#options;
    taps.packet(at.name, carried.bytes);
    const notes: PacketNotes = at.rdomain === 0 ? {} : { rtable: at.rdomain };
    const decision = this.#test("in", at, carried, notes);
    if (decision === undefined) return;
    const passed = after(carried, decision);
    const { packet } = passed;
    const rdomain = notes.rtable ?? 0;
    if (decision.divert !== undefined) divert.deliver(passed.bytes, packet, decision.divert);
    else if (network.isOwn(rdomain, packet.destination)) write(this.#deviceIn(rdomain, at), passed.bytes);
    else if (sysctl.number(packet.family === "inet" ? "net.inet.ip.forwarding" : "net.inet6.ip6.forwarding") !== 0) {
      if (packet.ttl <= 1) {
        this.#report("time-exceeded", packet, at);
        return;
      }
      const aged = { ...packet, ttl: packet.ttl - 1 };
      this.#route({ packet: aged, bytes: rewrite(passed.bytes, aged) }, rdomain, notes, at, decision.route);
    }
  }

  /** `from`: where it came in; absent for what the guest itself sends. */
  #route(
    carried: Carried,
    rdomain: number,
    notes: PacketNotes,
    from: NetworkInterface | undefined,
    override?: Passed["route"],
  ): void {
    const way = this.#wayOf(carried.packet, rdomain, override);
    if (way === undefined) {
      this.#report("net-unreachable", carried.packet, from);
      return;
    }
    const by = this.#options.network.get(way.interface);
    const decision = this.#test("out", by, carried, notes);
    if (decision === undefined) {
      // pf(4) lets connect(2) fail with EACCES; an ICMP error is the nearest that reaches Linux's.
      const begins = isTcp(carried.packet) && (carried.packet.flags & TCP_FLAG.S) !== 0;
      if (from === undefined && begins) {
        const source = carried.packet.destination;
        this.#options.write(by.name, encode(icmpError("admin-prohibited", carried.packet, { source })));
      }
      return;
    }
    const passed = after(carried, decision);
    const rerouted = decision.reroute === true || decision.route !== undefined;
    const last = rerouted ? this.#wayOf(passed.packet, notes.rtable ?? 0, decision.route) : way;
    if (last !== undefined) this.#transmit(passed, last, from);
  }

  #wayOf(packet: Packet, rdomain: number, override: Passed["route"]): Way | undefined {
    const { network } = this.#options;
    const way = network.lookup(rdomain, override?.nextHop ?? packet.destination);
    if (override?.interface !== undefined) {
      return { interface: override.interface, nextHop: override.nextHop ?? packet.destination };
    }
    return way === "reject" ? undefined : way;
  }

  #transmit(carried: Carried, way: Way, from: NetworkInterface | undefined): void {
    const { network, write, taps } = this.#options;
    const by = network.get(way.interface);
    if (carried.bytes.length > by.mtu) {
      this.#report("too-big", carried.packet, from ?? by, by.mtu);
      return;
    }
    taps.packet(by.name, carried.bytes);
    if (by.name === MANAGEMENT) {
      write(WORLD, carried.bytes);
      return;
    }
    const end = network.neighbour(by.name, way.nextHop);
    if (end !== undefined) this.#input(carried, end);
    else setTimeout(() => this.#report("host-unreachable", carried.packet, from ?? by), NEIGHBOUR_MS).unref();
  }

  /** Undefined: dropped. What PF answers is routed, but not asked about. */
  #test(direction: "in" | "out", at: NetworkInterface, carried: Carried, notes: PacketNotes): Passed | undefined {
    const { firewall, taps } = this.#options;
    const decision = firewall.test(direction, at.name, carried.packet, notes);
    for (const { rule, action } of decision.logged)
      taps.log({ direction, interface: at.name, rule, action, ...carried });
    for (const answer of decision.answers) this.#answer(answer, at.rdomain);
    if (decision.verdict !== "pass") return undefined;
    if (decision.duplicate !== undefined) {
      const way = this.#wayOf(decision.packet, at.rdomain, decision.duplicate);
      if (way !== undefined) this.#transmit(after(carried, decision), way, undefined);
    }
    return decision;
  }

  #answer(packet: Packet, rdomain: number): void {
    const { network, write } = this.#options;
    const bytes = encode(packet);
    if (network.isOwn(rdomain, packet.destination)) {
      const device = [...network.interfaces.values()].find(
        (one) => one.rdomain === rdomain && one.lladdr !== undefined,
      );
      if (device !== undefined) write(device.name, bytes);
      return;
    }
    const way = network.lookup(rdomain, packet.destination);
    if (way !== undefined && way !== "reject") this.#transmit({ packet, bytes }, way, undefined);
  }

  #report(kind: IcmpErrorKind, about: Packet, at: NetworkInterface | undefined, mtu?: number): void {
    if (at === undefined || !mayBeReported(about)) return;
    const { network, write } = this.#options;
    const source = at.addresses.find(({ address }) => address.includes(":") === (about.family === "inet6"))?.address;
    if (source === undefined) return;
    const packet = icmpError(kind, about, { source, ...(mtu !== undefined && { mtu }) });
    if (network.isOwn(at.rdomain, packet.destination)) write(at.name, encode(packet));
    else this.#route({ packet, bytes: encode(packet) }, at.rdomain, {}, undefined);
  }

  /** Sockets of another rdomain than the interface's are reached by one of that rdomain's devices. */
  #deviceIn(rdomain: number, at: NetworkInterface): string {
    if (at.rdomain === rdomain) return at.name;
    const other = [...this.#options.network.interfaces.values()].find(
      (one) => one.rdomain === rdomain && one.lladdr !== undefined,
    );
    return other?.name ?? at.name;
  }
}

function carry(bytes: Uint8Array): Carried | undefined {
  const decoded = decode(bytes);
  return decoded.ok && !isMulticast(decoded.packet.destination) ? { packet: decoded.packet, bytes } : undefined;
}

/** The packet as PF lets it go on. */
function after({ packet, bytes }: Carried, { packet: passed }: Passed): Carried {
  if (passed === packet) return { packet, bytes };
  // Put together from fragments: the bytes that came are only a part of it.
  const whole = passed.fragment === packet.fragment && passed.payload === packet.payload;
  return { packet: passed, bytes: whole ? rewrite(bytes, passed) : encode(passed) };
}
