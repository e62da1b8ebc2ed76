/**
 * Resolves a name or address in the text: interface and group names, `self`, their `:network :broadcast
 * :peer :0` modifiers, literal addresses with or without mask, host names. Follows pfctl's look-ups
 * (pfctl_parser.c 1.352, host, host_if, host_ip, ifa_lookup).
 *
 * `resolveHost("10.1.2.3/8", …)` gives one node for 10.0.0.0/8, `resolveHost("em0", …)` one per address of em0.
 */

import {
  familyOf,
  formatWords,
  isZero,
  mask,
  parseInet,
  parseInet6,
  parseInetNetwork,
  type Words,
} from "../../inet.ts";
import type { AddressSpec } from "../../rule.ts";
import type { Interface } from "../../ruleset.ts";
import type { HostNode } from "../nodes.ts";

export interface HostLookup {
  readonly interfaces: readonly Interface[];
  /** In place of the resolver and /etc/hosts. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  /**
   * Whether pfctl has read the interfaces: it does so at the first name that could be one. Before that,
   * the interface of a link-local address is unknown.
   */
  interfacesRead: boolean;
  /** A line on stderr without file and line. */
  remark(text: string): void;
}

export interface Modifiers {
  readonly network: boolean;
  readonly broadcast: boolean;
  readonly peer: boolean;
  /** `:0`: without aliases. */
  readonly first: boolean;
}

/** Splits `em0:network:0`; undefined if a modifier is unknown (it is not an interface name then). */
export function splitModifiers(text: string): { name: string; modifiers: Modifiers } | undefined {
  const modifiers = { network: false, broadcast: false, peer: false, first: false };
  let name = text;
  for (let colon = name.lastIndexOf(":"); colon >= 0; colon = name.lastIndexOf(":")) {
    const word = name.slice(colon + 1);
    if (word === "network" || word === "broadcast" || word === "peer") modifiers[word] = true;
    else if (word === "0") modifiers.first = true;
    else return undefined;
    name = name.slice(0, colon);
  }
  return { name, modifiers };
}

/** At most one of network, broadcast and peer makes sense. */
export const contradictory = ({ network, broadcast, peer }: Modifiers): boolean =>
  Number(network) + Number(broadcast) + Number(peer) > 1;

export const isGroup = (name: string, interfaces: readonly Interface[]): boolean =>
  interfaces.some(({ groups }) => groups.includes(name));

export const findInterface = (name: string, interfaces: readonly Interface[]): Interface | undefined =>
  interfaces.find((candidate) => candidate.name === name);

/** 1-based number of an interface, 0 if there is none of that name. */
export const interfaceNumber = (name: string, interfaces: readonly Interface[]): number =>
  interfaces.findIndex((candidate) => candidate.name === name) + 1;

/** A host's name that nothing here resolves, and no interface, group or address. */
export const isUnknownName = (text: string, { interfaces, hosts }: HostLookup): boolean =>
  /^[a-z][\w.-]*$/i.test(text) &&
  !Object.hasOwn(hosts, text) &&
  interfaceAddresses(text, { network: false, broadcast: false, peer: false, first: false }, interfaces) === undefined &&
  findInterface(text, interfaces) === undefined;

/** A node for one literal address; `prefix` defaults to all bits. */
function addressNode(words: Words, prefix?: number, scope = 0): HostNode {
  const family = familyOf(words);
  const whole = family === "inet" ? 32 : 128;
  const bits = prefix ?? whole;
  const kept = mask(words, bits);
  const spec: AddressSpec =
    bits === 0 && isZero(kept)
      ? { kind: "any" }
      : { kind: "network", family, address: formatWords(kept), prefix: Math.min(bits, whole) };
  return { spec, family, prefix: bits, negated: false, scope, weight: 0 };
}

/** Undefined, with a remark, when nothing is found. */
export function resolveHost(text: string, lookup: HostLookup): readonly HostNode[] | undefined {
  const slash = text.indexOf("/");
  let prefix: number | undefined;
  let name = text;
  if (slash >= 0) {
    const bits = text.slice(slash + 1);
    const trouble = numberTrouble(bits, 128);
    if (trouble !== undefined) {
      lookup.remark(`netmask is ${trouble}: ${text.slice(slash)}`);
      return undefined;
    }
    prefix = Number(bits);
    name = text.slice(0, slash);
  }
  const found =
    interfaceHosts(name, prefix, lookup) ?? literalHost(name, prefix, lookup) ?? namedHosts(name, prefix, lookup);
  if (found === undefined) lookup.remark(`no IP address found for ${text}`);
  return found;
}

/** The complaint of strtonum(3) about a number of 0 … max, or undefined. */
export function numberTrouble(text: string, max: number): "invalid" | "too small" | "too large" | undefined {
  if (!/^\s*[+-]?\d+$/.test(text)) return "invalid";
  const value = Number(text);
  return value < 0 ? "too small" : value > max ? "too large" : undefined;
}

function interfaceHosts(text: string, prefix: number | undefined, lookup: HostLookup): HostNode[] | undefined {
  const split = splitModifiers(text);
  if (split === undefined) return undefined;
  const { name, modifiers } = split;
  if (contradictory(modifiers)) {
    lookup.remark("illegal combination of interface modifiers");
    return undefined;
  }
  if ((modifiers.network || modifiers.broadcast) && prefix !== undefined) {
    lookup.remark("network or broadcast lookup, but extra netmask given");
    return undefined;
  }
  const { interfaces } = lookup;
  lookup.interfacesRead = true;
  if (name !== "self" && !isGroup(name, interfaces) && findInterface(name, interfaces) === undefined) return undefined;
  return interfaceAddresses(name, modifiers, interfaces, prefix);
}

/** Addresses of an interface, a group or `self`; undefined if there are none. */
export function interfaceAddresses(
  name: string,
  modifiers: Modifiers,
  interfaces: readonly Interface[],
  prefix?: number,
): HostNode[] | undefined {
  const members = interfaces.filter(({ groups }) => groups.includes(name));
  const chosen =
    members.length > 0 ? members : name === "self" ? interfaces : interfaces.filter((one) => nameFits(one.name, name));
  const nodes: HostNode[] = [];
  for (const one of chosen) {
    const seen = new Set<number>();
    for (const address of one.addresses) {
      const words = parseInet(address.address) ?? parseInet6(address.address);
      if (words === undefined) continue;
      const linkLocal = words.length === 8 && ((words[0] as number) & 0xffc0) === 0xfe80;
      let chosenWords: Words = words;
      if (modifiers.broadcast) {
        const broadcast =
          words.length === 1 && address.broadcast !== undefined ? parseInet(address.broadcast) : undefined;
        if (broadcast === undefined || isZero(broadcast)) continue;
        chosenWords = broadcast;
      }
      if (modifiers.peer) {
        if (address.peer === undefined) continue;
        chosenWords = parseInet(address.peer) ?? parseInet6(address.peer) ?? words;
      }
      if (modifiers.network && linkLocal) continue;
      if (modifiers.first && seen.has(words.length)) continue;
      seen.add(words.length);
      const scope = linkLocal ? interfaceNumber(one.name, interfaces) : 0;
      nodes.push(addressNode(chosenWords, prefix ?? (modifiers.network ? address.prefix : undefined), scope));
    }
  }
  return nodes.length > 0 ? nodes : undefined;
}

/** `em` covers em0, em1 …; a name that ends in a digit only itself. */
function nameFits(candidate: string, wanted: string): boolean {
  if (candidate === wanted) return true;
  if (wanted === "" || /\d$/.test(wanted) || !candidate.startsWith(wanted)) return false;
  return /^\d/.test(candidate.slice(wanted.length));
}

function literalHost(text: string, prefix: number | undefined, lookup: HostLookup): HostNode[] | undefined {
  const inet = parseInet(text);
  if (inet !== undefined) return [addressNode(inet, prefix)];
  const percent = text.indexOf("%");
  const inet6 = parseInet6(percent < 0 ? text : text.slice(0, percent));
  if (inet6 !== undefined) {
    const scope = percent < 0 ? 0 : scopeNumber(inet6, text.slice(percent + 1), lookup);
    if (scope !== undefined) return [addressNode(inet6, prefix, scope)];
  }
  if (prefix === undefined) return undefined;
  const network = parseInetNetwork(text);
  return network === undefined ? undefined : [addressNode(network, prefix)];
}

function scopeNumber(words: Words, scope: string, lookup: HostLookup): number | undefined {
  const first = words[0] as number;
  const number = interfaceNumber(scope, lookup.interfaces);
  if (number > 0 && (first & 0xffc0) === 0xfe80) return number;
  // Multicast of an interface or a link may name one, and pfctl forgets it.
  if (number > 0 && [0xff01, 0xff02].includes(first & 0xff0f)) return 0;
  return numberTrouble(scope, 4294967295) === undefined ? Number(scope) : undefined;
}

function namedHosts(text: string, prefix: number | undefined, lookup: HostLookup): HostNode[] | undefined {
  const first = text.endsWith(":0");
  const name = first ? text.slice(0, -2) : text;
  if (!Object.hasOwn(lookup.hosts, name)) return undefined;
  const nodes: HostNode[] = [];
  const seen = new Set<number>();
  for (const address of lookup.hosts[name] ?? []) {
    const words = parseInet(address) ?? parseInet6(address);
    if (words === undefined || (first && seen.has(words.length))) continue;
    seen.add(words.length);
    nodes.push(addressNode(words, prefix));
  }
  return nodes.length > 0 ? nodes : undefined;
}
