/**
 * The firewall with the PF model on it: the forwarder of every lab, between the wires of this one.
 *
 * The firewall's own sockets live in its kernel. PF tests their packets `out` here, and packets for them `in`.
 * Diverted packets reach the kernel by a separate device (divert.ts).
 */

import {
  Forwarder,
  type ForwarderInterface,
  LOOPBACK_INTERFACE,
  type Loss,
  type Passed,
} from "../../net/ip/forwarder.ts";
import { icmpError } from "../../net/ip/icmp-error.ts";
import { asDatagrams, type Datagram } from "../../net/wire/datagram.ts";
import type { Firewall } from "../../pf/engine/firewall.ts";
import { isTcp, type Packet, TCP_FLAG } from "../../pf/packet.ts";
import { FIREWALL, FIREWALL_INTERFACE } from "../model/topology.ts";
import { ASSUMED_LOOPBACK, type DivertTarget, divertTtl, LOOPBACK6 } from "./divert.ts";
import type { NetworkName } from "./layout.ts";
import type { FirewallForwarding, PacketPath } from "./packet-path.ts";

export interface PfForwardingOptions {
  readonly firewall: Firewall;
  readonly lost: (packet: Packet, loss: Loss) => void;
  readonly divertTargets: () => readonly DivertTarget[];
  readonly mtu: number;
}

interface FirewallInterface extends ForwarderInterface {
  readonly network?: NetworkName;
}

const OWN: ReadonlySet<string> = new Set([
  ...Object.values(FIREWALL).flatMap((addresses) => Object.values(addresses)),
  "127.0.0.1",
  LOOPBACK6,
]);

export class PfForwarding implements FirewallForwarding {
  readonly #path: PacketPath;
  readonly #options: PfForwardingOptions;
  readonly #forwarder: Forwarder<Datagram, FirewallInterface>;
  readonly #at: Readonly<Record<NetworkName, FirewallInterface>>;
  /** Places of the firewall's devices. */
  readonly #devices: Readonly<Record<NetworkName | "divert", number>>;

  constructor(path: PacketPath, options: PfForwardingOptions) {
    this.#path = path;
    this.#options = options;
    const { firewall, lost, mtu } = options;
    const on = (network: NetworkName): FirewallInterface => ({ name: FIREWALL_INTERFACE[network], mtu, network });
    this.#at = { inside: on("inside"), outside: on("outside") };
    const place = (network?: NetworkName) => path.firewallDevice(network);
    this.#devices = { inside: place("inside"), outside: place("outside"), divert: place() };
    const loopback: FirewallInterface = { name: LOOPBACK_INTERFACE, mtu: 32_768 };
    const interfaces = new Map([loopback, ...Object.values(this.#at)].map((one) => [one.name, one]));
    this.#forwarder = new Forwarder<Datagram, FirewallInterface>({
      form: asDatagrams,
      filter: () => firewall,
      interface: (name) => interfaces.get(name),
      forwards: () => true,
      isOwn: (address) => OWN.has(address),
      route: (destination) =>
        OWN.has(destination) ? { interface: LOOPBACK_INTERFACE, nextHop: destination } : path.route(destination),
      deliver: (one, at, decision) => this.#deliver(one, at?.network, decision),
      transmit: (one, out, nextHop) => {
        if (out.network !== undefined) return path.leave(one, out.network, nextHop);
        this.#forwarder.receive(one, out);
        return true;
      },
      errorSource: ({ family }, at) => FIREWALL[at?.network ?? "outside"][family],
      after: (milliseconds, run) => path.after(milliseconds, run),
      lost: ({ packet }, loss) => lost(packet, loss),
    });
  }

  arrive(one: Datagram, network: NetworkName): void {
    this.#forwarder.receive(one, this.#at[network]);
  }

  send(one: Datagram, place: number): void {
    const { packet } = one;
    if (this.#forwarder.send(one) !== "blocked" || !isTcp(packet) || (packet.flags & TCP_FLAG.S) === 0) return;
    // pf(4) lets connect(2) fail at once with EACCES; an ICMP error is the nearest that reaches Linux's.
    this.#path.write(place, asDatagrams.made(icmpError("admin-prohibited", packet, { source: packet.destination })));
  }

  #deliver(one: Datagram, network: NetworkName = "outside", decision?: Passed): void {
    const { packet } = one;
    const { divert } = decision ?? {};
    if (divert !== undefined) {
      const ttl = divertTtl(this.#options.divertTargets(), divert);
      this.#path.write(this.#devices.divert, asDatagrams.changed(one, { ...packet, ttl }));
    } else if (packet.destination === LOOPBACK6) {
      const assumed = asDatagrams.changed(one, { ...packet, destination: ASSUMED_LOOPBACK });
      this.#path.write(this.#devices.divert, assumed);
    } else this.#path.write(this.#devices[network], one);
  }
}
