/**
 * The way of a packet through the guest: the forwarder of every lab between the guest's sockets, wires and routes.
 * Each rdomain routes by its own table; PF is asked at every interface, as on OpenBSD.
 *
 * @example
 * const forwarding = new Forwarding({ network, firewall, sysctl, write, divert, taps });
 * forwarding.fromSockets("pair1", bytes);
 */

import { Forwarder } from "../../../harness/net/ip/forwarder.ts";
import { icmpError } from "../../../harness/net/ip/icmp-error.ts";
import type { Hop } from "../../../harness/net/ip/routing-table.ts";
import { familyOf, isMulticast } from "../../../harness/net/wire/address.ts";
import { asDatagrams, type Datagram, datagramOf } from "../../../harness/net/wire/datagram.ts";
import type { Firewall } from "../../../harness/pf/engine/firewall.ts";
import { isTcp, type Packet, TCP_FLAG } from "../../../harness/pf/packet.ts";
import type { Divert } from "./divert.ts";
import type { GuestInterface, Network } from "./network.ts";
import type { Taps } from "./taps.ts";

export interface ForwardingOptions {
  readonly network: Network;
  readonly firewall: Firewall;
  readonly sysctl: ReadonlyMap<string, string>;
  readonly write: (device: string, bytes: Uint8Array) => void;
  readonly divert: Divert;
  readonly taps: Taps;
}

/** The device behind vio0, in the world outside. */
export const WORLD = "world0";
export const MANAGEMENT = "vio0";

export class Forwarding {
  readonly #options: ForwardingOptions;
  readonly #forwarder: Forwarder<Datagram, GuestInterface>;

  constructor(options: ForwardingOptions) {
    this.#options = options;
    const { network, firewall, sysctl, write, divert, taps } = options;
    this.#forwarder = new Forwarder<Datagram, GuestInterface>({
      form: asDatagrams,
      filter: () => firewall,
      interface: (name) => network.interfaces.get(name),
      forwards: (family) => sysctl.get(`net.inet${family === "inet" ? ".ip" : "6.ip6"}.forwarding`) === "1",
      isOwn: (address, rtable) => network.isOwn(rtable, address),
      route: (destination, rtable) => this.#route(destination, rtable),
      deliver: ({ bytes, packet }, at, decision, rtable) => {
        if (decision?.divert !== undefined) divert.deliver(bytes, packet, decision.divert);
        else write(this.#deviceIn(rtable, at), bytes);
      },
      transmit: (one, out, nextHop) => this.#transmit(one, out, nextHop),
      errorSource: ({ family }, at) => at?.addresses.find(({ address }) => familyOf(address) === family)?.address,
      after: (milliseconds, run) => void setTimeout(run, milliseconds).unref(),
      tested(direction, at, one, { logged }) {
        for (const { rule, action } of logged) taps.log({ direction, interface: at.name, rule, action, ...one });
      },
    });
  }

  /** Sent by a socket of the interface's rdomain. */
  fromSockets(name: string, bytes: Uint8Array): void {
    const one = unicast(bytes);
    const rdomain = this.#options.network.interfaces.get(name)?.rdomain;
    if (one === undefined || rdomain === undefined) return;
    if (this.#forwarder.send(one, rdomain) !== "blocked" || !begins(one.packet)) return;
    // pf(4) lets connect(2) fail with EACCES; an ICMP error is the nearest that reaches Linux's.
    const prohibited = icmpError("admin-prohibited", one.packet, { source: one.packet.destination });
    this.#options.write(name, asDatagrams.made(prohibited).bytes);
  }

  /** Off a wire. */
  arrive(name: string, bytes: Uint8Array): void {
    const one = unicast(bytes);
    const at = this.#options.network.interfaces.get(name);
    if (one !== undefined && at?.up) this.#input(one, at);
  }

  #input(one: Datagram, at: GuestInterface): void {
    this.#options.taps.packet(at.name, one.bytes);
    this.#forwarder.receive(one, at);
  }

  #route(destination: string, rtable: number): Hop | undefined {
    const { network } = this.#options;
    const way = network.isOwn(rtable, destination)
      ? { interface: "lo0", nextHop: destination }
      : network.lookup(rtable, destination);
    return way === "reject" ? undefined : way;
  }

  #transmit(one: Datagram, out: GuestInterface, nextHop: string): boolean {
    const { network, taps, write } = this.#options;
    if (out.kind === "lo") {
      this.#forwarder.receive(one, out);
      return true;
    }
    taps.packet(out.name, one.bytes);
    if (out.name === MANAGEMENT) {
      write(WORLD, one.bytes);
      return true;
    }
    const end = network.neighbour(out.name, nextHop);
    if (end !== undefined) this.#input(one, end);
    return end !== undefined;
  }

  /** Sockets of another rdomain than the interface's are reached by one of that rdomain's devices. */
  #deviceIn(rdomain: number, at: GuestInterface | undefined): string {
    const wired = at?.lladdr !== undefined && at.rdomain === rdomain ? at : undefined;
    const interfaces = [...this.#options.network.interfaces.values()];
    return (wired ?? interfaces.find((one) => one.rdomain === rdomain && one.lladdr !== undefined))?.name ?? MANAGEMENT;
  }
}

const begins = (packet: Packet): boolean => isTcp(packet) && (packet.flags & TCP_FLAG.S) !== 0;

function unicast(bytes: Uint8Array): Datagram | undefined {
  const one = datagramOf(bytes);
  return one === undefined || isMulticast(one.packet.destination) ? undefined : one;
}
