/**
 * The networks and the firewall's forwarding, with PF on it, between real kernels: takes packets off
 * the wires, asks the PF model, writes what goes on. Hosts of one network reach each other directly.
 * Packets that pass keep their bytes (harness/net/wire/rewrite.ts), so that whatever the model has no
 * field for arrives as it was sent.
 *
 * The firewall's own sockets live in its kernel: what they send is tested `out` here, what is for them
 * is tested `in`, and what PF diverts goes to them by a device of its own.
 */

import type { Clock, Timer } from "../../../proxy/host.ts";
import type { LabEvent } from "../../contract/lab.ts";
import { type IcmpErrorKind, icmpError, mayBeReported } from "../../net/ip/icmp-error.ts";
import { contains, type Prefix, parsePrefix } from "../../net/ip/prefix.ts";
import { isLinkLocal } from "../../net/wire/address.ts";
import { decode } from "../../net/wire/decode.ts";
import { encode } from "../../net/wire/encode.ts";
import { fragments } from "../../net/wire/fragments.ts";
import { segmentLength, segments } from "../../net/wire/offload.ts";
import type { Decision, PacketNotes } from "../../pf/decision.ts";
import type { Firewall } from "../../pf/engine/firewall.ts";
import { isTcp, type Packet, TCP_FLAG } from "../../pf/packet.ts";
import { FIREWALL, FIREWALL_INTERFACE } from "../model/topology.ts";
import { after, type Carried, changed } from "./carried.ts";
import type { Crossing } from "./crossing.ts";
import { ASSUMED_LOOPBACK, type DivertTarget, divertTtl, LOOPBACK6 } from "./divert.ts";
import { type Device, type NetworkName, PREFIX } from "./layout.ts";
import type { Leftovers } from "./leftovers.ts";

/** How long a neighbour that does not answer is asked for, as in the simulator: three probes a second apart. */
const NEIGHBOUR_PROBES_MS = 3_000;

export interface RouterOptions {
  readonly devices: readonly Device[];
  /** Writes to the device at that place of the list. */
  readonly write: (place: number, bytes: Uint8Array, segmentSize?: number) => void;
  readonly firewall: Firewall;
  readonly divertTargets: readonly DivertTarget[];
  readonly mtu: number;
  /** The way between a host and the firewall, or another host. */
  readonly crossing: Crossing;
  readonly clock: Clock;
  readonly tell: (event: LabEvent) => void;
  /** Whether anybody looks at packets: otherwise nothing is said of them. */
  readonly watched: () => boolean;
  /** A packet at one of the firewall's interfaces, with a copy of its bytes. */
  readonly tap: (network: NetworkName, direction: "in" | "out", bytes: Uint8Array, packet: Packet) => void;
  /** Connections of earlier plays. */
  readonly leftovers: Leftovers;
}

type Passed = Decision & { readonly verdict: "pass" };

/** Of a packet on its way out: what its sender knows it as, and the network that it came from; its own has none. */
interface Origin {
  readonly about: Packet;
  readonly from: NetworkName | undefined;
}

const NETWORKS: readonly NetworkName[] = ["inside", "outside"];
const PREFIXES: Readonly<Record<NetworkName, readonly Prefix[]>> = {
  inside: Object.values(PREFIX.inside).map(parsePrefix),
  outside: Object.values(PREFIX.outside).map(parsePrefix),
};
const OWN: ReadonlySet<string> = new Set([
  ...NETWORKS.flatMap((network) => Object.values(FIREWALL[network])),
  "127.0.0.1",
  "::1",
]);
const isMulticast = (address: string): boolean => /^(22[4-9]|23\d|255)\.|^ff/.test(address);

export class Router {
  readonly #options: RouterOptions;
  /** Places of devices. */
  readonly #hostAt: Readonly<Record<NetworkName, ReadonlyMap<string, number>>>;
  readonly #ownAt: Readonly<Record<NetworkName, number>>;
  readonly #divertAt: number;
  readonly #timers = new Set<Timer>();
  #open = true;

  constructor(options: RouterOptions) {
    this.#options = options;
    const { devices } = options;
    const hosts = (network: NetworkName) =>
      new Map(
        devices.flatMap((device, place) =>
          device.network === network && device.host !== "firewall"
            ? device.addresses.map((text): [string, number] => [text.replace(/\/.*/, ""), place])
            : [],
        ),
      );
    const own = (network?: NetworkName) =>
      devices.findIndex((device) => device.host === "firewall" && device.network === network);
    this.#hostAt = { inside: hosts("inside"), outside: hosts("outside") };
    this.#ownAt = { inside: own("inside"), outside: own("outside") };
    this.#divertAt = own();
  }

  /** A packet that the kernel behind the device at `place` has sent. */
  receive(place: number, bytes: Uint8Array, segmentSize?: number): void {
    const device = this.#options.devices[place];
    const decoded = decode(bytes);
    if (!this.#open || device === undefined || !decoded.ok || isMulticast(decoded.packet.destination)) return;
    const carried = { packet: decoded.packet, bytes, segmentSize };
    const old = this.#options.leftovers.answer(carried.packet);
    if (old !== undefined) {
      if (old !== "silence") this.#options.write(place, encode(old));
      return;
    }
    const { host, network } = device;
    if (host === "firewall") this.#send(carried);
    else if (network !== undefined) {
      this.#options.crossing.cross(network, "in", carried, (one) => this.#fromHost(one, network));
    }
  }

  close(): void {
    this.#open = false;
    for (const timer of this.#timers) timer.cancel();
  }

  #fromHost(carried: Carried, network: NetworkName): void {
    const { destination } = carried.packet;
    const neighbour = this.#hostAt[network].get(destination);
    if (neighbour !== undefined) this.#write(neighbour, carried);
    else if (destination === FIREWALL[network][carried.packet.family] || this.#networkOf(destination) !== network) {
      this.#arrive(carried, network);
    }
  }

  /** At the firewall, from a network. */
  #arrive(carried: Carried, network: NetworkName): void {
    this.#tap("in", network, carried);
    const notes: PacketNotes = {};
    const decision = this.#test("in", network, carried, notes);
    if (decision === undefined) return;
    const passed = after(carried, decision.packet);
    if (decision.divert !== undefined) {
      const ttl = divertTtl(this.#options.divertTargets, decision.divert);
      this.#write(this.#divertAt, changed(passed, { ...passed.packet, ttl }));
    } else if (passed.packet.destination === LOOPBACK6) {
      this.#write(this.#divertAt, changed(passed, { ...passed.packet, destination: ASSUMED_LOOPBACK }));
    } else if (OWN.has(passed.packet.destination)) this.#write(this.#ownAt[network], passed);
    else this.#forward(passed, network, notes, decision.route);
  }

  #forward(carried: Carried, from: NetworkName, notes: PacketNotes, route: Passed["route"]): void {
    const { packet } = carried;
    if (packet.ttl <= 1) {
      this.#report("time-exceeded", packet, from);
      return;
    }
    if (isLinkLocal(packet.source)) {
      this.#report("beyond-scope", packet, from);
      return;
    }
    const to = this.#overridden(this.#networkOf(packet.destination), route);
    if (to === undefined) {
      this.#report("net-unreachable", packet, from);
      return;
    }
    this.#output(changed(carried, { ...packet, ttl: packet.ttl - 1 }), to, notes, from);
  }

  /** From the firewall's own kernel. */
  #send(carried: Carried): void {
    const to = this.#networkOf(carried.packet.destination);
    if (to !== undefined) this.#output(carried, to, {}, undefined);
  }

  #output(carried: Carried, to: NetworkName, notes: PacketNotes, from: NetworkName | undefined): void {
    const decision = this.#test("out", to, carried, notes);
    if (decision === undefined) {
      // pf(4) lets connect(2) fail at once with EACCES; an ICMP error is the nearest that reaches Linux's.
      if (from === undefined && isTcp(carried.packet) && (carried.packet.flags & TCP_FLAG.S) !== 0) {
        const prohibited = icmpError("admin-prohibited", carried.packet, { source: carried.packet.destination });
        this.#options.write(this.#ownAt[to], encode(prohibited));
      }
      return;
    }
    const passed = after(carried, decision.packet);
    const other = this.#overridden(to, decision.route);
    // route-to another interface: pf(4) asks the rules again for that one.
    if (other !== undefined && other !== to) {
      this.#output(passed, other, notes, from);
      return;
    }
    const translated = passed.packet.destination !== carried.packet.destination;
    const way = translated ? this.#networkOf(passed.packet.destination) : to;
    if (way !== undefined) this.#transmit(passed, way, { about: carried.packet, from });
  }

  #transmit(carried: Carried, to: NetworkName, origin: Origin): void {
    const { packet, bytes, segmentSize } = carried;
    const { mtu } = this.#options;
    if ((segmentSize === undefined ? bytes.length : segmentLength(bytes, segmentSize)) <= mtu) {
      this.#put(carried, to, origin);
    } else if (packet.family === "inet" && packet.dontFragment !== true) {
      const whole = segmentSize === undefined ? [bytes] : segments(bytes, segmentSize);
      for (const part of whole.flatMap((one) => fragments(one, mtu))) {
        const decoded = decode(part);
        if (decoded.ok) this.#put({ packet: decoded.packet, bytes: part }, to, origin);
      }
    } else if (origin.from !== undefined) this.#report("too-big", origin.about, origin.from, mtu);
  }

  /** Onto the wire. Where nobody has that address, its sender is told in time. */
  #put(carried: Carried, to: NetworkName, { about, from }: Origin): void {
    const { packet } = carried;
    this.#tap("out", to, carried);
    this.#options.leftovers.begins(packet);
    const place = this.#hostAt[to].get(packet.destination);
    if (place !== undefined) {
      this.#options.crossing.cross(to, "out", carried, (one) => this.#write(place, one));
      return;
    }
    const timer = this.#options.clock.after(NEIGHBOUR_PROBES_MS, () => {
      this.#timers.delete(timer);
      this.#report("host-unreachable", about, from ?? to);
    });
    this.#timers.add(timer);
  }

  /** Undefined: dropped; whoever watches the model knows. Sends what PF itself answers. */
  #test(direction: "in" | "out", network: NetworkName, { packet }: Carried, notes: PacketNotes): Passed | undefined {
    const decision = this.#options.firewall.test(direction, FIREWALL_INTERFACE[network], packet, notes);
    for (const answer of decision.answers) this.#sendUntested(answer);
    if (decision.verdict === "pass") {
      if (decision.duplicate !== undefined) this.#sendUntested(decision.packet, decision.duplicate);
      return decision;
    }
    return undefined;
  }

  /** What pf(4) itself generates is routed, but not asked about. */
  #sendUntested(packet: Packet, route?: Passed["route"]): void {
    const bytes = encode(packet);
    if (route === undefined && OWN.has(packet.destination)) {
      this.#options.write(this.#ownAt.outside, bytes);
      return;
    }
    const to = this.#overridden(this.#networkOf(packet.destination), route);
    if (to !== undefined) this.#transmit({ packet, bytes }, to, { about: packet, from: undefined });
  }

  #report(kind: IcmpErrorKind, about: Packet, at: NetworkName, mtu?: number): void {
    if (!mayBeReported(about)) return;
    const source = FIREWALL[at][about.family];
    const packet = icmpError(kind, about, { source, ...(mtu !== undefined && { mtu }) });
    const carried = { packet, bytes: encode(packet) };
    if (OWN.has(packet.destination)) this.#options.write(this.#ownAt[at], carried.bytes);
    else this.#send(carried);
  }

  #networkOf(address: string): NetworkName | undefined {
    // Addresses have no scope here: a link-local one is known by whose it is.
    if (isLinkLocal(address)) return NETWORKS.find((network) => this.#hostAt[network].has(address));
    return NETWORKS.find((network) => PREFIXES[network].some((prefix) => contains(prefix, address)));
  }

  #overridden(network: NetworkName | undefined, route: Passed["route"]): NetworkName | undefined {
    if (route?.interface !== undefined) return NETWORKS.find((one) => FIREWALL_INTERFACE[one] === route.interface);
    return route?.nextHop === undefined ? network : this.#networkOf(route.nextHop);
  }

  #tap(direction: "in" | "out", network: NetworkName, { packet, bytes, segmentSize }: Carried): void {
    const { watched, tap, tell, clock } = this.#options;
    if (!watched()) return;
    const see = (one: Packet, its: Uint8Array) => {
      tap(network, direction, its, one);
      tell({ kind: "packet", atMs: clock.now(), network, direction, packet: one });
    };
    if (segmentSize === undefined) see(packet, bytes.slice());
    else {
      for (const segment of segments(bytes, segmentSize)) {
        const decoded = decode(segment);
        if (decoded.ok) see(decoded.packet, segment);
      }
    }
  }

  #write(place: number, { bytes, segmentSize }: Carried): void {
    this.#options.write(place, bytes, segmentSize);
  }
}
