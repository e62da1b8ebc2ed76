/**
 * The firewall host of the decision cases around the model: what its IP layer does before, between and after PF's two
 * tests of a packet.
 */

import type { Decision, PacketNotes } from "../../../pf/decision.ts";
import { type Firewall, newNotes } from "../../../pf/engine/firewall.ts";
import { headerBytes, packetLength } from "../../../pf/engine/packet-length.ts";
import { addressOf, isLoopback, isMulticast } from "../../../pf/engine/tables/address.ts";
import { isIcmp, type Packet, PROTOCOL } from "../../../pf/packet.ts";
import { Sockets } from "./sockets.ts";
import { isNeighbour, routeOf } from "./topology.ts";

export interface Sent {
  readonly interface: string;
  readonly packet: Packet;
  /** Made by the firewall's own stack, or by PF. */
  readonly own: boolean;
}

const EMPTY = new Uint8Array(0);
const ICMP_TTL = { inet: 255, inet6: 64 } as const;

export class Router {
  readonly #firewall: Firewall;
  readonly sockets: Sockets;
  /** Decisions of the current step, for telling where model and kernel part. */
  decisions: Decision[] = [];

  constructor(firewall: Firewall) {
    this.#firewall = firewall;
    this.sockets = new Sockets(
      (state) => firewall.socketClosed(state),
      (destination, host) => firewall.interfaces.answerAddress(destination, host, 0),
    );
  }

  /** A packet arrives by an interface. */
  receive(interfaceName: string, packet: Packet): Sent[] {
    // ip_input(), ip6_input(): such addresses never come from a wire.
    if (
      interfaceName !== "lo0" &&
      (isLoopback(addressOf(packet.source)) || isLoopback(addressOf(packet.destination)))
    ) {
      return [];
    }
    const notes = newNotes();
    const decision = this.#test("in", interfaceName, packet, notes);
    // PF's own packets are queued, and leave after what is under way.
    const answers = () => decision.answers.flatMap((answer) => this.#route(answer));
    if (decision.verdict === "drop") return answers();
    return [...this.#passedIn(interfaceName, packet, notes, decision), ...answers()];
  }

  #passedIn(
    interfaceName: string,
    packet: Packet,
    notes: PacketNotes,
    decision: Decision & { readonly verdict: "pass" },
  ): Sent[] {
    const sent: Sent[] = [];
    const passed = decision.packet;
    if (decision.duplicate?.nextHop !== undefined) {
      sent.push(...this.#emit(decision.duplicate.nextHop, { ...passed, ttl: passed.ttl - 1 }, false));
    }
    const { divert } = decision;
    if (divert !== undefined || this.#firewall.interfaces.isOwn(passed.destination)) {
      const answers = this.sockets.receive({
        packet: passed,
        ...(divert !== undefined && { divert }),
        ...(decision.state !== undefined && { state: decision.state }),
      });
      return [...sent, ...answers.flatMap((answer) => this.send(answer))];
    }
    // ip_input(): who was redirected by PF is not told of better ways.
    const redirected = passed.destination !== packet.destination;
    return [...sent, ...this.#forward(interfaceName, passed, notes, decision.route?.nextHop, redirected)];
  }

  /** The firewall's own stack sends a packet; `refused` if PF does not let it. */
  send(packet: Packet): Sent[] {
    return this.trySend(packet).sent;
  }

  trySend(packet: Packet): { readonly sent: Sent[]; readonly refused: boolean } {
    const route = this.#routeFor(packet.destination);
    if (route === undefined) return { sent: [], refused: true };
    const { sent, answers, refused } = this.#output(route.interface, packet, newNotes(), true);
    return { sent: [...sent, ...answers], refused };
  }

  #test(direction: "in" | "out", interfaceName: string, packet: Packet, notes: PacketNotes): Decision {
    const decision = this.#firewall.test(direction, interfaceName, packet, notes);
    this.decisions.push(decision);
    return decision;
  }

  #routeFor(destination: string): { readonly interface: string } | undefined {
    if (this.#firewall.interfaces.isOwn(destination)) return { interface: "lo0" };
    return routeOf(destination);
  }

  #forward(via: string, packet: Packet, notes: PacketNotes, nextHop: string | undefined, redirected: boolean): Sent[] {
    if (isMulticast(addressOf(packet.destination))) return [];
    if (packet.ttl <= 1) return this.#error(packet, packet.family === "inet" ? 11 : 3, 0);
    const route = routeOf(nextHop ?? packet.destination);
    if (route === undefined) return [];
    const forwarded: Packet = { ...packet, ttl: packet.ttl - 1 };
    const { sent, answers, refused } = this.#output(route.interface, forwarded, notes, false);
    const redirects = !refused && route.interface === via && !route.byDefault && nextHop === undefined && !redirected;
    if (redirects && isNeighbour(packet.source, via) && !notes.generated) {
      // RFC 792, RFC 4861: the sender could have sent it there itself.
      sent.push(...(packet.family === "inet" ? this.#error(packet, 5, 1) : this.#redirect6(via, packet)));
    }
    return [...sent, ...answers];
  }

  /** RFC 4861, 4.5: with the target's link address and as much of the packet as fits, in units of eight. */
  #redirect6(via: string, packet: Packet): Sent[] {
    const source = this.#firewall.interfaces.get(via)?.addresses.find(({ address }) => address.startsWith("fe80"));
    if (source === undefined) return [];
    return this.send({
      family: "inet6",
      source: source.address,
      destination: packet.source,
      ttl: 255,
      tos: 0,
      protocol: PROTOCOL.icmp6,
      type: 137,
      code: 0,
      id: 0,
      sequence: 0,
      length: 96 + Math.floor(packetLength(packet) / 8) * 8,
      payload: EMPTY,
    });
  }

  #output(
    interfaceName: string,
    packet: Packet,
    notes: PacketNotes,
    own: boolean,
  ): { readonly sent: Sent[]; readonly answers: readonly Sent[]; readonly refused: boolean } {
    const decision = this.#test("out", interfaceName, packet, notes);
    const sent: Sent[] = [];
    const answers = decision.answers.flatMap((answer) => this.#route(answer));
    // What the SYN proxy takes over is not refused.
    if (decision.verdict === "drop") return { sent, answers, refused: decision.reason !== "synproxy" };
    const passed = decision.packet;
    if (decision.duplicate?.nextHop !== undefined) sent.push(...this.#emit(decision.duplicate.nextHop, passed, false));
    const hop = decision.route?.nextHop ?? (decision.reroute ? passed.destination : undefined);
    if (hop !== undefined) return { sent: [...this.#emit(hop, passed, own), ...sent], answers, refused: false };
    if (interfaceName === "lo0") return { sent: [...sent, ...this.receive("lo0", passed)], answers, refused: false };
    return { sent: [{ interface: interfaceName, packet: passed, own }, ...sent], answers, refused: false };
  }

  /** Routed, not tested. */
  #route(packet: Packet): Sent[] {
    return this.#emit(packet.destination, packet, true);
  }

  #emit(towards: string, packet: Packet, own: boolean): Sent[] {
    const route = this.#routeFor(towards);
    if (route === undefined) return [];
    if (route.interface === "lo0") return this.receive("lo0", packet);
    return [{ interface: route.interface, packet, own }];
  }

  /** An ICMP error of the firewall's own IP layer. */
  #error(packet: Packet, type: number, code: number): Sent[] {
    const { family } = packet;
    if (isIcmp(packet) && packet.quoted !== undefined) return [];
    const source = this.#firewall.interfaces.answerAddress(packet.destination, packet.source, 0);
    if (source === undefined) return [];
    const whole = packetLength(packet);
    return this.send({
      family,
      source,
      destination: packet.source,
      ttl: ICMP_TTL[family],
      tos: 0,
      protocol: family === "inet" ? PROTOCOL.icmp : PROTOCOL.icmp6,
      type,
      code,
      quoted: family === "inet" ? { ...packet, length: whole, payload: EMPTY } : packet,
      length: family === "inet" ? 28 + Math.min(whole, headerBytes(packet) + 8) : 48 + whole,
      payload: EMPTY,
    });
  }
}
