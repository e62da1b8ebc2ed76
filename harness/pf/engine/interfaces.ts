/**
 * The firewall's interfaces: which of them a name in a rule covers, and the current addresses of `(em0:network)`.
 *
 * @example
 * interfaces.matches("egress", "vio1") // true if vio1 is in group egress
 */

import type { Family } from "../packet.ts";
import type { AddressSpec } from "../rule.ts";
import type { Interface } from "../ruleset.ts";
import { type Address, addressOf, inNetwork, isLinkLocal, type Network, networkOf } from "./tables/address.ts";

export type DynamicSpec = Extract<AddressSpec, { kind: "dynamic" }>;

/** The way to a destination; undefined without a route. */
export type Route = (destination: string, rtable: number) => { readonly interface: string } | undefined;

export class Interfaces {
  #list: readonly Interface[] = [];
  /** Interface name to all group names it answers to. */
  readonly #names = new Map<string, ReadonlySet<string>>();
  readonly #byName = new Map<string, Interface>();
  readonly #own = new Set<string>();
  readonly #dynamic = new Map<string, readonly Network[]>();
  readonly #route: Route;

  constructor(list: readonly Interface[], route?: Route) {
    this.#route = route ?? ((destination) => this.#connected(destination));
    this.replace(list);
  }

  get list(): readonly Interface[] {
    return this.#list;
  }

  /** Replaces all interfaces; dynamic addresses are resolved again. */
  replace(list: readonly Interface[]): void {
    this.#list = list;
    for (const known of [this.#names, this.#byName, this.#own, this.#dynamic]) known.clear();
    for (const one of list) {
      const names = [one.name, "all", ...one.groups];
      if (!isLoopbackInterface(one)) names.push("any");
      this.#names.set(one.name, new Set(names));
      this.#byName.set(one.name, one);
      for (const { address } of one.addresses) this.#own.add(addressOf(address).text);
    }
  }

  get(name: string): Interface | undefined {
    return this.#byName.get(name);
  }

  /** Names and groups, sorted, as pfctl -sI lists them. */
  names(): string[] {
    const names = new Set<string>(["all"]);
    for (const one of this.list) {
      for (const name of this.#names.get(one.name) ?? []) if (name !== "any") names.add(name);
    }
    return [...names].sort();
  }

  /** Whether the rule's name (interface, group or `any`) covers this interface. */
  matches(ruleName: string, interfaceName: string): boolean {
    return this.#names.get(interfaceName)?.has(ruleName) ?? ruleName === interfaceName;
  }

  isOwn(address: string): boolean {
    return this.#own.has(address);
  }

  routeTo(destination: string, rtable = 0): { readonly interface: string } | undefined {
    return this.#route(destination, rtable);
  }

  /** The address from which the firewall answers a host: the destination itself if it is the firewall's. */
  answerAddress(destination: string, host: string, rtable: number): string | undefined {
    if (this.isOwn(destination)) return destination;
    const { family } = addressOf(host);
    const via = this.#route(host, rtable)?.interface;
    const one = via === undefined ? undefined : this.#byName.get(via);
    if (one === undefined) return undefined;
    const own = one.addresses.map(({ address, prefix }) => ({ address: addressOf(address), prefix }));
    const same = own.filter(({ address }) => address.family === family);
    const host6 = isLinkLocal(addressOf(host));
    const near = same.find(
      ({ address, prefix }) =>
        isLinkLocal(address) === host6 && inNetwork(addressOf(host), networkOf(address.text, prefix)),
    );
    return (near ?? same.find(({ address }) => isLinkLocal(address) === host6) ?? same[0])?.address.text;
  }

  /** The current networks of a dynamic address, one family, ascending as in the kernel's tables. */
  dynamic(spec: DynamicSpec, family: Family): readonly Network[] {
    const key = `${dynamicName(spec)} ${family}`;
    let found = this.#dynamic.get(key);
    if (found === undefined) {
      found = this.#resolve(spec, family);
      this.#dynamic.set(key, found);
    }
    return found;
  }

  inDynamic(address: Address, spec: DynamicSpec): boolean {
    for (const network of this.dynamic(spec, address.family)) if (inNetwork(address, network)) return true;
    return false;
  }

  #resolve(spec: DynamicSpec, family: Family): readonly Network[] {
    const networks: Network[] = [];
    for (const one of this.list) {
      if (spec.interface !== "self" && !this.matches(spec.interface, one.name)) continue;
      for (const network of networksOf(one, spec, family)) {
        if (!networks.some((other) => other.text === network.text && other.prefix === network.prefix)) {
          networks.push(network);
        }
      }
    }
    return networks.sort(ascending);
  }

  /** Without a routing table: the interface whose network holds the destination, else the one in group egress. */
  #connected(destination: string): { readonly interface: string } | undefined {
    const address = addressOf(destination);
    let best: { name: string; prefix: number } | undefined;
    for (const one of this.list) {
      for (const entry of one.addresses) {
        if (addressOf(entry.address).family !== address.family) continue;
        if (inNetwork(address, networkOf(entry.address, entry.prefix)) && entry.prefix > (best?.prefix ?? -1)) {
          best = { name: one.name, prefix: entry.prefix };
        }
      }
    }
    const name = best?.name ?? this.list.find(({ groups }) => groups.includes("egress"))?.name;
    return name === undefined ? undefined : { interface: name };
  }
}

/** The networks that one interface adds to a dynamic address. */
function networksOf({ addresses }: Interface, { modifiers, prefix }: DynamicSpec, family: Family): Network[] {
  const wanted = new Set(modifiers);
  const whole = family === "inet" ? 32 : 128;
  const networks = addresses.flatMap((entry) => {
    const address = addressOf(entry.address);
    const text = wanted.has("broadcast") ? entry.broadcast : wanted.has("peer") ? entry.peer : entry.address;
    if (address.family !== family || text === undefined) return [];
    if ((wanted.has("network") || wanted.has("0")) && isLinkLocal(address)) return [];
    const given = prefix ?? (wanted.has("network") ? entry.prefix : whole);
    return [networkOf(text, Math.min(given, whole))];
  });
  // pf_if.c: `:0` is the first address that is not link-local.
  return wanted.has("0") ? networks.slice(0, 1) : networks;
}

function ascending(a: Network, b: Network): number {
  for (let i = 0; i < a.words.length; i++) {
    if (a.words[i] !== b.words[i]) return (a.words[i] as number) - (b.words[i] as number);
  }
  return b.prefix - a.prefix;
}

export const isLoopbackInterface = (one: Interface): boolean => one.loopback ?? /^lo\d*$/.test(one.name);

/** Two specs with the same name share the kernel's hidden table. */
export const dynamicName = ({ interface: name, modifiers, prefix }: DynamicSpec): string =>
  `${name}${modifiers.map((modifier) => `:${modifier}`).join("")}${prefix === undefined ? "" : `/${prefix}`}`;
