/**
 * The wires between real kernels: takes packets off the hosts' devices and brings each to its neighbour or to the
 * firewall, over links with their latency and faults. The firewall is PF (pf-forwarding.ts) or the kernel
 * itself (kernel-forwarding.ts). Hosts of one network reach each other directly.
 *
 * @example
 * const path = new PacketPath({ devices, write, links, clock, tell, watched, tap, earlier }, (path) => new PfForwarding(path, ...));
 * wires.receiver = (place, bytes, segmentSize) => path.receive(place, bytes, segmentSize);
 */

import type { Clock, Timer } from "../../../proxy/host.ts";
import type { LabEvent } from "../../contract/lab.ts";
import type { Hop } from "../../net/ip/routing-table.ts";
import { RoutingTable } from "../../net/ip/routing-table.ts";
import { isLinkLocal, isMulticast } from "../../net/wire/address.ts";
import { type Datagram, datagramOf, eachSegment } from "../../net/wire/datagram.ts";
import { encode } from "../../net/wire/encode.ts";
import type { Packet } from "../../pf/packet.ts";
import type { Direction } from "../../pf/rule.ts";
import { FIREWALL, FIREWALL_INTERFACE } from "../model/topology.ts";
import type { EarlierConnections } from "./earlier-connections.ts";
import { type Device, type NetworkName, PREFIX } from "./layout.ts";
import type { Links } from "./links.ts";

export interface PacketPathOptions {
  readonly devices: readonly Device[];
  /** Writes to the device at that place of the list. */
  readonly write: (place: number, bytes: Uint8Array, segmentSize?: number) => void;
  readonly links: Links;
  readonly clock: Clock;
  readonly tell: (event: LabEvent) => void;
  /** Whether packets have an observer; otherwise they are neither reported nor copied. */
  readonly watched: () => boolean;
  /** A packet at one of the firewall's interfaces, with a copy of its bytes. */
  readonly tap: (network: NetworkName, direction: Direction, bytes: Uint8Array, packet: Packet) => void;
  readonly earlier: EarlierConnections;
}

/** The firewall between the two networks. */
export interface FirewallForwarding {
  /** A packet arrives from a network. */
  arrive(one: Datagram, network: NetworkName): void;
  /** The firewall's own kernel sends a packet, by the device at that place. */
  send(one: Datagram, place: number): void;
}

const NETWORKS: readonly NetworkName[] = ["inside", "outside"];

export class PacketPath {
  readonly #options: PacketPathOptions;
  readonly #firewall: FirewallForwarding;
  /** Places of the hosts' devices, by address. */
  readonly #hosts: Readonly<Record<NetworkName, ReadonlyMap<string, number>>>;
  readonly #routes = new RoutingTable();
  readonly #timers = new Set<Timer>();
  #open = true;

  constructor(options: PacketPathOptions, firewall: (path: PacketPath) => FirewallForwarding) {
    this.#options = options;
    const hosts = (network: NetworkName): [string, number][] =>
      options.devices.flatMap((device, place) =>
        device.network === network && device.host !== "firewall"
          ? device.addresses.map((text): [string, number] => [text.replace(/\/.*/, ""), place])
          : [],
      );
    this.#hosts = { inside: new Map(hosts("inside")), outside: new Map(hosts("outside")) };
    for (const network of NETWORKS) {
      const link = FIREWALL_INTERFACE[network];
      // Addresses have no scope here: a link-local one belongs to the network of the host that has it.
      const near = [...this.#hosts[network].keys()].filter(isLinkLocal);
      for (const prefix of [...Object.values(PREFIX[network]), ...near]) this.#routes.add({ prefix, interface: link });
    }
    this.#firewall = firewall(this);
  }

  /** A packet that the kernel behind the device at `place` has sent; one with a segment size is lent (wires.ts). */
  receive(place: number, bytes: Uint8Array, segmentSize?: number): void {
    const { devices, earlier, links, write } = this.#options;
    const device = devices[place];
    const one = datagramOf(segmentSize !== undefined && links.late ? bytes.slice() : bytes, segmentSize);
    if (!this.#open || device === undefined || one === undefined || isMulticast(one.packet.destination)) return;
    const answer = earlier.answer(one.packet);
    if (answer !== undefined) {
      if (answer !== "silence") write(place, encode(answer));
      return;
    }
    const { host, network } = device;
    if (host === "firewall") this.#firewall.send(one, place);
    else if (network !== undefined) links.carry(network, "in", one, (arrived) => this.#fromHost(arrived, network));
  }

  /** The way from the firewall to one of its networks. */
  route(destination: string): Hop | undefined {
    return this.#routes.lookup(destination);
  }

  /** From the firewall onto a network. False when no host there has that address. */
  leave(one: Datagram, network: NetworkName, nextHop: string): boolean {
    this.#tap("out", network, one);
    this.#options.earlier.begins(one.packet);
    const place = this.#hosts[network].get(nextHop);
    if (place === undefined) return false;
    this.#options.links.carry(network, "out", one, (arrived) => this.write(place, arrived));
    return true;
  }

  write(place: number, { bytes, segmentSize }: Datagram): void {
    this.#options.write(place, bytes, segmentSize);
  }

  /** The place of the firewall's device on a network, or of the one for diverted packets. */
  firewallDevice(network?: NetworkName): number {
    return this.#options.devices.findIndex((device) => device.host === "firewall" && device.network === network);
  }

  after(milliseconds: number, run: () => void): void {
    const timer = this.#options.clock.after(milliseconds, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
  }

  close(): void {
    this.#open = false;
    for (const timer of this.#timers) timer.cancel();
  }

  #fromHost(one: Datagram, network: NetworkName): void {
    const { destination, family } = one.packet;
    const neighbour = this.#hosts[network].get(destination);
    if (neighbour !== undefined) this.write(neighbour, one);
    else if (
      destination === FIREWALL[network][family] ||
      this.route(destination)?.interface !== FIREWALL_INTERFACE[network]
    ) {
      this.#tap("in", network, one);
      this.#firewall.arrive(one, network);
    }
  }

  #tap(direction: Direction, network: NetworkName, one: Datagram): void {
    const { watched, tap, tell, clock } = this.#options;
    if (!watched()) return;
    for (const { packet, bytes } of eachSegment(one)) {
      tap(network, direction, one.segmentSize === undefined ? bytes.slice() : bytes, packet);
      tell({ kind: "packet", atMs: clock.now(), network, direction, packet });
    }
  }
}
