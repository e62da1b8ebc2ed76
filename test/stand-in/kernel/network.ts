/**
 * The guest's networking as records: interfaces, rdomains, routes and wires between them, as ifconfig(8) and route(8)
 * change them. Nothing here touches Linux: devices.ts carries it out.
 *
 * @example
 * network.create("pair1");
 * network.setRdomain("pair1", 1);
 * network.addAddress("pair1", { address: "10.0.0.5", prefix: 24 });
 */

import { contains, type Prefix, parsePrefix } from "../../../harness/net/ip/prefix.ts";
import { familyOf } from "../../../harness/net/wire/address.ts";
import type { Interface } from "../../../harness/pf/ruleset.ts";
import { Refusal } from "../commands/command.ts";

export type Kind = "lo" | "vio" | "enc" | "pflog" | "pair" | "veb" | "vport";

export interface Address {
  readonly address: string;
  readonly prefix: number;
}

export interface GuestInterface {
  readonly name: string;
  readonly kind: Kind;
  readonly index: number;
  readonly lladdr?: string;
  up: boolean;
  rdomain: number;
  mtu: number;
  description: string;
  groups: string[];
  addresses: Address[];
  /** pair(4): the other end. */
  patch?: string;
  /** The veb(4) whose port it is. */
  bridge?: string;
  /** veb(4): its ports. */
  ports: string[];
}

export interface Route {
  readonly rdomain: number;
  readonly destination: Prefix;
  readonly gateway: string;
  readonly interface: string;
  readonly reject: boolean;
}

/** Where a packet goes next. */
export interface Way {
  readonly interface: string;
  readonly nextHop: string;
}

/** Kinds that can be created. */
const CLONERS: readonly Kind[] = ["lo", "pair", "pflog", "veb", "vport"];
/** Kinds that carry IP of their own and reach others. */
export const WIRED: ReadonlySet<Kind> = new Set(["vio", "pair", "vport"]);
/** Source: measured on 7.8 (lo0, pair), pair(4), veb(4), pflog(4). */
const MTU: Readonly<Record<Kind, number>> = {
  lo: 32_768,
  vio: 1_500,
  enc: 0,
  pflog: 33_136,
  pair: 1_500,
  veb: 0,
  vport: 1_500,
};

export class Network {
  readonly interfaces = new Map<string, GuestInterface>();
  readonly rdomains = new Set<number>([0]);
  routes: readonly Route[] = [];
  /** Told after every change. */
  changed: () => void = () => {};
  #index = 0;
  #hardware = 0;

  constructor() {
    this.#make("vio0", "vio");
    this.#make("enc0", "enc");
    this.#make("lo0", "lo");
    this.#make("pflog0", "pflog").up = true;
  }

  get(name: string): GuestInterface {
    const found = this.interfaces.get(name);
    if (found === undefined) throw new Refusal(`${name}: no such interface`);
    return found;
  }

  create(name: string): GuestInterface {
    const kind = CLONERS.find((one) => name.replace(/\d+$/, "") === one);
    if (kind === undefined || this.interfaces.has(name)) throw new Refusal(`ifconfig: ${name}: SIOCIFCREATE`);
    const made = this.#make(name, kind);
    this.changed();
    return made;
  }

  destroy(name: string): void {
    const one = this.get(name);
    this.setPatch(name, undefined);
    if (one.bridge !== undefined) this.removePort(one.bridge, name);
    for (const port of [...one.ports]) this.removePort(name, port);
    this.interfaces.delete(name);
    this.routes = this.routes.filter((route) => route.interface !== name);
    this.changed();
  }

  setUp(name: string, up: boolean): void {
    this.get(name).up = up;
    this.changed();
  }

  /** An interface that moves leaves its addresses behind (ifconfig(8), rdomain). */
  setRdomain(name: string, rdomain: number): void {
    const one = this.get(name);
    if (one.rdomain === rdomain) return;
    if (!this.rdomains.has(rdomain)) {
      this.rdomains.add(rdomain);
      const loopback = `lo${rdomain}`;
      if (!this.interfaces.has(loopback)) this.#make(loopback, "lo");
      this.get(loopback).rdomain = rdomain;
    }
    one.addresses = [];
    one.rdomain = rdomain;
    this.routes = this.routes.filter((route) => route.interface !== name);
    this.changed();
  }

  /** Adding an address brings the interface up (netinet/in.c). */
  addAddress(name: string, address: Address): void {
    const one = this.get(name);
    one.addresses = [...one.addresses.filter((other) => other.address !== address.address), address];
    one.up = true;
    // netinet6/in6_ifattach.c: a loopback interface that comes up has ::1.
    const loopback = { address: "::1", prefix: 128 };
    if (one.kind === "lo" && !has(one, loopback.address)) one.addresses = [loopback, ...one.addresses];
    this.changed();
  }

  /** Patches both ends, and frees their former peers. */
  setPatch(name: string, peer: string | undefined): void {
    const one = this.get(name);
    for (const end of [one, peer === undefined ? undefined : this.get(peer)]) {
      const old = end?.patch === undefined ? undefined : this.interfaces.get(end.patch);
      delete old?.patch;
      delete end?.patch;
    }
    if (peer !== undefined) {
      one.patch = peer;
      this.get(peer).patch = name;
    }
    this.changed();
  }

  addPort(bridge: string, name: string): void {
    const port = this.get(name);
    if (port.bridge !== undefined) throw new Refusal(`ifconfig: ${bridge}: ${name}: Device busy`);
    port.bridge = bridge;
    this.get(bridge).ports.push(name);
    this.changed();
  }

  removePort(bridge: string, name: string): void {
    const switching = this.get(bridge);
    switching.ports = switching.ports.filter((one) => one !== name);
    delete this.get(name).bridge;
    this.changed();
  }

  /** Both answer why not, in words of errno(2). */
  addRoute(route: Omit<Route, "interface">): string | undefined {
    const onLink = this.#onLink(route.rdomain, route.gateway);
    if (onLink === undefined) return "Network is unreachable";
    if (this.#find(route.rdomain, route.destination) !== undefined) return "File exists";
    this.routes = [...this.routes, { ...route, interface: onLink }];
    this.changed();
    return undefined;
  }

  deleteRoute(rdomain: number, destination: Prefix): string | undefined {
    const found = this.#find(rdomain, destination);
    if (found === undefined) return "not in table";
    this.routes = this.routes.filter((route) => route !== found);
    this.changed();
    return undefined;
  }

  /** The most specific of networks on a link and routes; `reject`: packets there are refused. */
  lookup(rdomain: number, destination: string): Way | "reject" | undefined {
    let best: { length: number; way: Way | "reject" } | undefined;
    const offer = (length: number, way: Way | "reject") => {
      if (length > (best?.length ?? -1)) best = { length, way };
    };
    for (const one of this.interfaces.values()) {
      if (one.rdomain !== rdomain || !one.up || !WIRED.has(one.kind)) continue;
      for (const { address, prefix } of one.addresses) {
        if (familyOf(address) !== familyOf(destination) || !contains(parsePrefix(`${address}/${prefix}`), destination))
          continue;
        offer(prefix, { interface: one.name, nextHop: destination });
      }
    }
    for (const route of this.routes) {
      if (route.rdomain !== rdomain || !contains(route.destination, destination)) continue;
      offer(route.destination.length, route.reject ? "reject" : { interface: route.interface, nextHop: route.gateway });
    }
    return best?.way;
  }

  /** Whether the rdomain has that address itself. */
  isOwn(rdomain: number, address: string): boolean {
    for (const one of this.interfaces.values()) if (one.rdomain === rdomain && has(one, address)) return true;
    return false;
  }

  /** Where a frame for that next hop comes out of the wires behind an interface. */
  neighbour(name: string, nextHop: string): GuestInterface | undefined {
    return this.#hearing(this.get(name), new Set()).find((end) => end.up && has(end, nextHop));
  }

  groupsOf(one: GuestInterface): string[] {
    // if.c: who has a default route is in group egress; only rdomain 0 counts.
    const outward = this.routes.some(
      (route) => route.rdomain === 0 && route.interface === one.name && route.destination.length === 0,
    );
    // Clones are in a group of their driver's name, devices are not (if.c).
    const own = one.kind === "vio" ? [] : [one.kind];
    return [...own, ...one.groups, ...(outward ? ["egress"] : [])];
  }

  /** For PF. */
  forPf(): Interface[] {
    return [...this.interfaces.values()].map((one) => ({
      name: one.name,
      groups: this.groupsOf(one),
      addresses: one.addresses,
      ...(one.rdomain !== 0 && { rdomain: one.rdomain }),
      ...(one.kind === "lo" && { loopback: true }),
    }));
  }

  /** All interfaces that hear what this one sends. */
  #hearing(from: GuestInterface, seen: Set<string>): GuestInterface[] {
    return from.kind === "pair" ? this.#farEnd(from, seen) : this.#acrossBridge(from, seen);
  }

  #farEnd({ up, patch }: GuestInterface, seen: Set<string>): GuestInterface[] {
    const far = patch === undefined ? undefined : this.interfaces.get(patch);
    if (!up || !far?.up) return [];
    return far.bridge === undefined ? [far] : this.#acrossBridge(far, seen);
  }

  #acrossBridge(port: GuestInterface, seen: Set<string>): GuestInterface[] {
    const bridge = port.bridge === undefined ? undefined : this.interfaces.get(port.bridge);
    if (!bridge?.up || !port.up || seen.has(bridge.name)) return [];
    seen.add(bridge.name);
    const others = bridge.ports.filter((name) => name !== port.name).map((name) => this.get(name));
    return others.flatMap((other) => (other.kind === "pair" ? this.#farEnd(other, seen) : [other]));
  }

  #find(rdomain: number, { network, length, family }: Prefix): Route | undefined {
    return this.routes.find(
      ({ destination, ...route }) =>
        route.rdomain === rdomain &&
        destination.family === family &&
        destination.network === network &&
        destination.length === length,
    );
  }

  /** The interface by which a gateway is reached without another. */
  #onLink(rdomain: number, gateway: string): string | undefined {
    for (const one of this.interfaces.values()) {
      if (one.rdomain !== rdomain || !one.up) continue;
      for (const { address, prefix } of one.addresses) {
        if (familyOf(address) === familyOf(gateway) && contains(parsePrefix(`${address}/${prefix}`), gateway))
          return one.name;
      }
    }
    return undefined;
  }

  #make(name: string, kind: Kind): GuestInterface {
    const ethernet = kind === "vio" || WIRED.has(kind);
    const made: GuestInterface = {
      name,
      kind,
      index: ++this.#index,
      up: false,
      rdomain: 0,
      mtu: MTU[kind],
      description: "",
      groups: [],
      addresses: [],
      ports: [],
      // if_pair.c, if_veb.c: locally administered, as ether_fakeaddr() makes them.
      ...(ethernet && { lladdr: `fe:e1:ba:d0:00:${(++this.#hardware).toString(16).padStart(2, "0")}` }),
    };
    this.interfaces.set(name, made);
    return made;
  }
}

const has = (one: GuestInterface, address: string): boolean => one.addresses.some((other) => other.address === address);
