/**
 * The firewall host of the decision cases around the model: what its IP layer does before, between and after PF's two
 * tests of a packet.
 */

import { addressOf, isLoopback, isMulticast } from "../engine/address.ts";
import { type Firewall, newNotes } from "../engine/firewall.ts";
import { headerBytes, packetLength } from "../engine/packet-length.ts";
import type { Decision, PacketNotes } from "../decision.ts";
import { isIcmp, type Packet, PROTOCOL } from "../packet.ts";
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
      (packet) => firewall.interfaces.answerAddress(packet.destination, packet.source, 0),
    );
  }

  /** A packet arrives by an interface. */
  receive(interfaceName: string, packet: Packet): Sent[] {
    // ip_input(), ip6_input(): such addresses never come from a wire.
    if (interfaceName !== "lo0" && (isLoopback(addressOf(packet.source)) || isLoopback(addressOf(packet.destination)))) {
      return [];
    }
    const notes = newNotes();
    const decision = this.#test("in", interfaceName, packet, notes);
    const sent = decision.answers.flatMap((answer) => this.#route(answer));
    if (decision.verdict === "drop") return sent;
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
    return [...sent, ...this.#forward(interfaceName, passed, notes, decision.route?.nextHop)];
  }

  /** The firewall's own stack sends a packet; `refused` if PF does not let it. */
  send(packet: Packet): Sent[] {
    return this.trySend(packet).sent;
  }

  trySend(packet: Packet): { readonly sent: Sent[]; readonly refused: boolean } {
    const route = this.#routeFor(packet.destination);
    if (route === undefined) return { sent: [], refused: true };
    return this.#output(route.interface, packet, newNotes(), true);
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

  #forward(via: string, packet: Packet, notes: PacketNotes, nextHop: string | undefined): Sent[] {
    if (isMulticast(addressOf(packet.destination))) return [];
    if (packet.ttl <= 1) return this.#error(packet, packet.family === "inet" ? 11 : 3, 0);
    const route = routeOf(nextHop ?? packet.destination);
    if (route === undefined) return [];
    const forwarded: Packet = { ...packet, ttl: packet.ttl - 1 };
    const { sent, refused } = this.#output(route.interface, forwarded, notes, false);
    const redirects = !refused && route.interface === via && !route.byDefault && nextHop === undefined;
    if (redirects && isNeighbour(packet.source, via) && packet.family === "inet" && !notes.generated) {
      // RFC 792: the sender could have sent it there itself.
      sent.push(...this.#error(packet, 5, 1));
    }
    return sent;
  }

  #output(
    interfaceName: string,
    packet: Packet,
    notes: PacketNotes,
    own: boolean,
  ): { readonly sent: Sent[]; readonly refused: boolean } {
    const decision = this.#test("out", interfaceName, packet, notes);
    const sent = decision.answers.flatMap((answer) => this.#route(answer));
    if (decision.verdict === "drop") return { sent, refused: true };
    const passed = decision.packet;
    if (decision.duplicate?.nextHop !== undefined) sent.push(...this.#emit(decision.duplicate.nextHop, passed, false));
    const hop = decision.route?.nextHop ?? (decision.reroute ? passed.destination : undefined);
    if (hop !== undefined) return { sent: [...this.#emit(hop, passed, own), ...sent], refused: false };
    if (interfaceName === "lo0") return { sent: [...sent, ...this.receive("lo0", passed)], refused: false };
    return { sent: [{ interface: interfaceName, packet: passed, own }, ...sent], refused: false };
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
