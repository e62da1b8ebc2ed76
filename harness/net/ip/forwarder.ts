/**
 * The IP layer of one host: moves packets from wire to wire. The simulator, the netns lab, the replay of a real
 * kernel's decisions and the stand-in guest of the tests all use it. Each supplies routes, interfaces, wires, sockets
 * and time.
 *
 * A packet that arrives: filter `in`, then divert, own address, or forwarding (TTL, scope, route, filter `out`, MTU).
 * A packet from the host itself: route, filter `out`, MTU. Packets that PF makes are routed and not filtered.
 *
 * `T` is the form in which packets travel: the record alone (`asRecords`), or the record with the bytes that came
 * (harness/net/wire/datagram.ts). An unchanged packet is passed on without a copy.
 *
 * @example
 * const forwarder = new Forwarder({ form: asRecords(identification), filter: () => pf, route, deliver, transmit, ... });
 * forwarder.receive(packet, em0);
 * const outcome = forwarder.send(packet); // "sent", or why not
 */

import type { Decision, PacketNotes, RulePosition } from "../../pf/decision.ts";
import type { Reassembled } from "../../pf/engine/firewall.ts";
import type { Family, Packet } from "../../pf/packet.ts";
import { isLinkLocal, isLoopback, isMulticast } from "../wire/address.ts";
import { packetLength, transportLength } from "../wire/length.ts";
import { fragment, joined } from "./fragmentation.ts";
import { type IcmpErrorKind, icmpError, icmpRedirect, mayBeReported } from "./icmp-error.ts";
import type { Hop } from "./routing-table.ts";

/** Decides about packets: the model of PF (harness/pf/engine/firewall.ts), or a test's choice. */
export interface Filter {
  test(direction: "in" | "out", interfaceName: string, packet: Packet, notes: PacketNotes): Decision;
  /** Collects fragments before the test. Without it each is tested as it is. */
  reassemble?(direction: "in" | "out", interfaceName: string, packet: Packet, length: number): Reassembled;
}

export type Passed = Decision & { readonly verdict: "pass" };
type RouteOverride = Passed["route"];

/** The fate of a packet that the host itself sends. */
export type SendOutcome =
  | "sent"
  | "no-route"
  /** The host's own filter did not let it out. */
  | "blocked"
  /** Longer than the MTU, and fragments are forbidden. */
  | "too-big";

/** A packet that the filter let pass, and that goes no further. */
export type Loss = {
  /** The interface that it came by, or should have left by. */
  readonly interface: string;
  readonly direction: "in" | "out";
} & (
  | { readonly reason: "ttl" | "scope" }
  | { readonly reason: "no-route"; readonly nextHop: string; readonly rule?: RulePosition }
  /** No host has the address; with the rule that routed it there. */
  | { readonly reason: "no-neighbour"; readonly nextHop: string; readonly rule?: RulePosition }
  /** Longer than the MTU, and fragments are forbidden. */
  | { readonly reason: "too-big"; readonly length: number; readonly mtu: number }
);

/** What a packet on its way out needs when it gets stuck. */
interface Trip<I> {
  /** As it came. */
  readonly about: Packet;
  /** Undefined: the host's own. */
  readonly from: I | undefined;
  /** The rule that chose the way. */
  readonly routedBy?: RulePosition;
}

/** How a packet travels. */
export interface PacketForm<T> {
  packet(one: T): Packet;
  /** A packet that this host makes. */
  made(packet: Packet): T;
  /** Translated or aged: the same packet with other fields. */
  changed(one: T, packet: Packet): T;
  /** Bytes on the wire; of the longest, where it represents several packets. */
  length(one: T): number;
  fragments(one: T, mtu: number): readonly T[];
}

export interface ForwarderInterface {
  readonly name: string;
  /** Bytes of the largest IP packet. */
  readonly mtu: number;
  /** Routing domain, where there are several. */
  readonly rdomain?: number;
}

export interface ForwarderBorders<T, I extends ForwarderInterface> {
  readonly form: PacketForm<T>;
  filter(): Filter | undefined;
  interface(name: string): I | undefined;
  /** Does the host pass on packets that are not for itself? */
  forwards(family: Family): boolean;
  isOwn(address: string, rtable: number): boolean;
  route(destination: string, rtable: number): Hop | undefined;
  /** To the host's sockets. Without `at`: made by the host itself, and not tested. */
  deliver(one: T, at: I | undefined, decision: Passed | undefined, rtable: number): void;
  /** Onto a wire; `own`: the host's own packet. False when no neighbour has the address `nextHop`. */
  transmit(one: T, out: I, nextHop: string, own: boolean): boolean;
  /** The host's address from which it reports an error about a packet. */
  errorSource(about: Packet, at: I | undefined): string | undefined;
  /** The address from which a neighbour is redirected; absent: no redirects (sysctl net.inet.ip.redirect=0). */
  redirectSource?(about: Packet, at: I): string | undefined;
  after(milliseconds: number, run: () => void): void;
  /** Sees each packet that gets stuck. */
  lost?(one: T, loss: Loss): void;
  /** Sees each decision of the filter. */
  tested?(direction: "in" | "out", at: I, one: T, decision: Decision): void;
}

/** A host gives up on a silent neighbour after three ARP or ND probes, a second apart. */
export const NEIGHBOUR_PROBES_MS = 3_000;
export const LOOPBACK_INTERFACE = "lo0";
/** RFC 8200: the IPv6 header and the fragment header. */
const INET6_FRAGMENT_HEADERS = 48;

/** Packets travel as records. `identification` gives the next IPv4 identification of a packet that is cut. */
export const asRecords = (identification: () => number): PacketForm<Packet> => ({
  packet: (one) => one,
  made: (packet) => packet,
  changed: (_one, packet) => packet,
  length: packetLength,
  fragments: (one, mtu) => fragment(one, mtu, one.reassembled?.id ?? identification()),
});

export class Forwarder<T, I extends ForwarderInterface> {
  readonly #borders: ForwarderBorders<T, I>;
  readonly #form: PacketForm<T>;
  /** Packets that PF makes: it queues them, and they leave after the one that is under way. */
  readonly #answers: { readonly answer: Packet; readonly rtable: number }[] = [];

  constructor(borders: ForwarderBorders<T, I>) {
    this.#borders = borders;
    this.#form = borders.form;
  }

  /** A packet arrives by an interface. */
  receive(received: T, at: I): void {
    const { source, destination } = this.#form.packet(received);
    // ip_input(), ip6_input(): such addresses never come from a wire.
    if (at.name !== LOOPBACK_INTERFACE && (isLoopback(source) || isLoopback(destination))) return;
    const one = this.#reassembled("in", at, received);
    if (one === undefined) return;
    const notes = notesIn(at.rdomain);
    const decision = this.#test("in", at, one, notes);
    if (decision?.verdict !== "drop") this.#passedIn(one, at, decision, notes);
    if (this.#answers.length > 0) this.#sendAnswers();
  }

  /** Sends a packet of the host's own. */
  send(one: T, rtable = 0): SendOutcome {
    const packet = this.#form.packet(one);
    const hop = this.#borders.route(packet.destination, rtable);
    if (hop === undefined) return "no-route";
    const outcome = this.#output(one, hop, notesIn(rtable), { about: packet, from: undefined });
    if (this.#answers.length > 0) this.#sendAnswers();
    return outcome;
  }

  /** Reports to the sender that its packet did not get on. */
  report(kind: IcmpErrorKind, about: Packet, at?: I, mtu?: number): void {
    if (!mayBeReported(about)) return;
    const source = this.#borders.errorSource(about, at);
    if (source === undefined) return;
    const rtable = at?.rdomain ?? 0;
    const error = this.#form.made(icmpError(kind, about, { source, ...(mtu !== undefined && { mtu }) }));
    if (this.#borders.isOwn(about.source, rtable)) this.#borders.deliver(error, undefined, undefined, rtable);
    else this.send(error, rtable);
  }

  #passedIn(one: T, at: I, decision: Passed | undefined, notes: PacketNotes): void {
    const passed = this.#after(one, decision);
    const packet = this.#form.packet(passed);
    const rtable = notes.rtable ?? 0;
    if (decision?.duplicate !== undefined && packet.ttl > 1) {
      // pf_route(): a copy of what came in ages like a forwarded packet.
      this.#sendUntested({ ...packet, ttl: packet.ttl - 1 }, rtable, decision.duplicate);
    }
    if (decision?.divert !== undefined || this.#borders.isOwn(packet.destination, rtable)) {
      this.#borders.deliver(passed, at, decision, rtable);
    } else if (at.name !== LOOPBACK_INTERFACE && this.#borders.forwards(packet.family)) {
      // ip_input(): a sender whose packet PF redirected does not learn of better ways.
      const redirected = packet.destination !== this.#form.packet(one).destination;
      this.#forward(passed, at, notes, decision?.route, redirected);
    }
  }

  #forward(one: T, at: I, notes: PacketNotes, route: RouteOverride, redirected: boolean): void {
    const packet = this.#form.packet(one);
    if (isMulticast(packet.destination)) return;
    const stuck = { interface: at.name, direction: "in" } as const;
    if (packet.ttl <= 1) {
      this.#borders.lost?.(one, { ...stuck, reason: "ttl" });
      this.report("time-exceeded", packet, at);
      return;
    }
    if (isLinkLocal(packet.source)) {
      this.#borders.lost?.(one, { ...stuck, reason: "scope" });
      this.report("beyond-scope", packet, at);
      return;
    }
    const hop = this.#way(packet.destination, notes.rtable ?? 0, route);
    if (hop === undefined) {
      this.#borders.lost?.(one, { ...stuck, reason: "no-route", nextHop: route?.nextHop ?? packet.destination });
      this.report("net-unreachable", packet, at);
      return;
    }
    const aged = this.#form.changed(one, { ...packet, ttl: packet.ttl - 1 });
    const outcome = this.#output(aged, hop, notes, { about: packet, from: at });
    const hairpin = hop.interface === at.name && hop.byDefault !== true && route === undefined;
    if (hairpin && outcome !== "blocked" && !redirected && notes.generated !== true) this.#redirect(packet, at);
  }

  /** The way out: of forwarded packets, which came `from` an interface, and of the host's own. */
  #output(sent: T, hop: Hop, notes: PacketNotes, trip: Trip<I>): SendOutcome {
    const out = this.#borders.interface(hop.interface);
    if (out === undefined) return "no-route";
    const one = this.#reassembled("out", out, sent);
    if (one === undefined) return "sent";
    const decision = this.#test("out", out, one, notes);
    if (decision === undefined) return this.#transmit(one, out, hop.nextHop, trip);
    if (decision.verdict === "drop") return refusalOf(decision);
    const passed = this.#after(one, decision);
    const packet = this.#form.packet(passed);
    const rtable = notes.rtable ?? 0;
    const way = this.#wayOut(hop, decision, packet, this.#form.packet(one), rtable);
    const rule = decision.route === undefined ? undefined : decision.rules.at(-1);
    const routed = rule === undefined ? trip : { ...trip, routedBy: rule };
    if (way === undefined) {
      const nextHop = decision.route?.nextHop ?? packet.destination;
      const stuck = { interface: out.name, direction: "out", reason: "no-route", nextHop } as const;
      this.#borders.lost?.(passed, { ...stuck, ...(rule === undefined ? {} : { rule }) });
    }
    // route-to another interface: PF asks the rules again for that one.
    const outcome =
      way !== undefined && decision.route !== undefined && way.interface !== out.name
        ? this.#output(passed, way, notes, routed)
        : this.#emit(passed, way, routed);
    if (decision.duplicate !== undefined) this.#sendUntested(packet, rtable, decision.duplicate);
    return outcome;
  }

  /** Translated on the way out: another destination may lie elsewhere. */
  #wayOut(hop: Hop, { route }: Passed, passed: Packet, before: Packet, rtable: number): Hop | undefined {
    if (route === undefined && passed.destination === before.destination) return hop;
    return this.#way(passed.destination, rtable, route);
  }

  #emit(one: T, way: Hop | undefined, trip: Trip<I>): SendOutcome {
    const out = way && this.#borders.interface(way.interface);
    return out === undefined ? "no-route" : this.#transmit(one, out, way!.nextHop, trip);
  }

  #transmit(one: T, out: I, nextHop: string, trip: Trip<I>): SendOutcome {
    const { family, dontFragment, reassembled } = this.#form.packet(one);
    const length = this.#form.length(one);
    // IPv4 packets are cut for the link if they may be; those of IPv6 only as PF got them (RFC 8200).
    if (family === "inet6" && reassembled !== undefined) {
      const largest = INET6_FRAGMENT_HEADERS + reassembled.largest;
      if (largest > out.mtu) return this.#tooBig(one, out, largest, trip);
      for (const part of this.#form.fragments(one, largest)) this.#put(part, out, nextHop, trip);
    } else if (length <= out.mtu) this.#put(one, out, nextHop, trip);
    else if (family === "inet" && dontFragment !== true) {
      for (const part of this.#form.fragments(one, out.mtu)) this.#put(part, out, nextHop, trip);
    } else return this.#tooBig(one, out, length, trip);
    return "sent";
  }

  #tooBig(one: T, out: I, length: number, { about, from }: Trip<I>): SendOutcome {
    this.#borders.lost?.(one, { interface: out.name, direction: "out", reason: "too-big", length, mtu: out.mtu });
    if (from !== undefined) this.report("too-big", about, from, out.mtu);
    return "too-big";
  }

  #put(one: T, out: I, nextHop: string, { about, from, routedBy: rule }: Trip<I>): void {
    if (this.#borders.transmit(one, out, nextHop, from === undefined)) return;
    const stuck = { interface: out.name, direction: "out", reason: "no-neighbour", nextHop } as const;
    this.#borders.lost?.(one, { ...stuck, ...(rule === undefined ? {} : { rule }) });
    this.#borders.after(NEIGHBOUR_PROBES_MS, () => this.report("host-unreachable", about, from ?? out));
  }

  /** What the filter tests: of a fragment the whole datagram, once it is complete. */
  #reassembled(direction: "in" | "out", at: I, one: T): T | undefined {
    const packet = this.#form.packet(one);
    if (packet.fragment === undefined) return one;
    const kept = this.#borders.filter()?.reassemble?.(direction, at.name, packet, transportLength(packet)) ?? "as-is";
    if (kept === "as-is") return one;
    if (kept === "waits") return undefined;
    if ("verdict" in kept) {
      this.#borders.tested?.(direction, at, one, kept);
      return undefined;
    }
    const largest = Math.max(...kept.map((piece) => transportLength(piece.packet)));
    return this.#form.made({ ...joined(kept), reassembled: { id: packet.fragment.id, largest } });
  }

  #test(direction: "in" | "out", at: I, one: T, notes: PacketNotes): Decision | undefined {
    const decision = this.#borders.filter()?.test(direction, at.name, this.#form.packet(one), notes);
    if (decision === undefined) return undefined;
    this.#borders.tested?.(direction, at, one, decision);
    for (const answer of decision.answers) this.#answers.push({ answer, rtable: notes.rtable ?? 0 });
    return decision;
  }

  #sendAnswers(): void {
    for (const { answer, rtable } of this.#answers.splice(0)) this.#sendUntested(answer, rtable, undefined);
  }

  #sendUntested(packet: Packet, rtable: number, route: RouteOverride): void {
    this.#emit(this.#form.made(packet), this.#way(packet.destination, rtable, route), {
      about: packet,
      from: undefined,
    });
  }

  /** RFC 792, RFC 4861: the sender could have sent it there itself. */
  #redirect(about: Packet, at: I): void {
    const source = this.#borders.redirectSource?.(about, at);
    if (source !== undefined) this.send(this.#form.made(icmpRedirect(about, source)), at.rdomain);
  }

  #way(destination: string, rtable: number, override: RouteOverride): Hop | undefined {
    if (override?.interface !== undefined) {
      return { interface: override.interface, nextHop: override.nextHop ?? destination };
    }
    return this.#borders.route(override?.nextHop ?? destination, rtable);
  }

  /** The packet as PF lets it go on. */
  #after(one: T, decision: Passed | undefined): T {
    return decision === undefined || decision.packet === this.#form.packet(one)
      ? one
      : this.#form.changed(one, decision.packet);
  }
}

const notesIn = (rdomain: number | undefined): PacketNotes => (rdomain ? { rtable: rdomain } : {});

/** A SYN that the SYN proxy takes over is not refused: the proxy sends its own. */
const refusalOf = ({ reason }: Decision & { readonly verdict: "drop" }): SendOutcome =>
  reason === "synproxy" ? "sent" : "blocked";
