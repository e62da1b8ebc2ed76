/**
 * The firewall that a rule set is tried on: its interfaces, and which of them look outside. Either given
 * (`--interfaces`), or guessed from the names and addresses in the text.
 */

import { addressOf, fromWords, inNetwork, type Network, networkOf } from "../../pf/engine/tables/address.ts";
import type { Family } from "../../pf/packet.ts";
import { LOOPBACK } from "../../pf/parse-interfaces.ts";
import type { Interface } from "../../pf/ruleset.ts";
import { macrosOf, type Statement, wordsOf } from "../../pf/text/statements.ts";
import type { NamedInterface } from "./interface-names.ts";
import { type Evidence, familyOfText, type Named } from "./rule-facts.ts";

export interface Machine {
  readonly interfaces: readonly Interface[];
  readonly outside: string;
  /** At least one. */
  readonly inside: readonly string[];
  readonly guessed: boolean;
  /** Guessed, and nothing in the text says which side is which. */
  readonly thin?: true;
}

export const machineInWords = ({ inside, outside, guessed }: Machine): string =>
  `inside ${inside.join(", ")}, outside ${outside} (${guessed ? "guessed from the rules" : "as given"})`;

/**
 * Networks to stand for what the text does not name. The first three are for documentation (RFC 5737), and so in many
 * people's tables of martians; 128.66.0.0/16 was reserved for tests (RFC 3330) and is in none.
 */
export const PUBLIC_NETWORKS = {
  inet: ["198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24", "128.66.0.0/24"],
  inet6: ["2001:db8:2::/64", "3fff:2::/64"],
} as const;

export function givenMachine(given: readonly Interface[], names: readonly NamedInterface[]): Machine {
  const usable = given.filter((one) => one.loopback !== true && one.addresses.length > 0);
  const points = (one: Interface): number => {
    const named = names.filter(({ name }) => name === one.name || one.groups.includes(name));
    const said = named.reduce((sum, { outside }) => sum + outside, 0);
    return said + (one.groups.includes("egress") ? 100 : 0);
  };
  const ordered = [...usable].sort((a, b) => points(b) - points(a));
  const outside = ordered[0]?.name ?? "lo0";
  const inside = usable.map(({ name }) => name).filter((name) => name !== outside);
  return { interfaces: given, outside, inside: inside.length === 0 ? [outside] : inside, guessed: false };
}

/** Points of a name that is another word for the group egress, not a neighbour of it. */
const SURELY_OUTSIDE = 3;

export function guessMachine(
  names: readonly NamedInterface[],
  evidence: Evidence,
  avoid: (address: string) => boolean,
): Machine {
  const groups = names.filter(({ isGroup, name }) => isGroup && name !== "egress");
  const own = names.filter(({ isGroup }) => !isGroup);
  // A driver's name (`em`) is a group of the interfaces that are named; any other group needs a member.
  const members = groups
    .filter(({ name }) => !own.some((one) => one.name.replace(/\d+$/, "") === name))
    .map((group) => ({ ...group, name: `${group.name}0`, group: group.name }));
  const candidates: (NamedInterface & { group?: string })[] = [...own, ...members];
  const egressNamed = names.some(({ name }) => name === "egress");
  const best = [...candidates].sort((a, b) => b.outside - a.outside)[0];
  const taken = new Set(candidates.map(({ name }) => name));
  const free = () => {
    let number = 0;
    while (taken.has(`em${number}`)) number++;
    taken.add(`em${number}`);
    return `em${number}`;
  };
  // Clients are behind all the others.
  const alone =
    best !== undefined && candidates.length > 1 && candidates.every((one) => one === best || one.outside < 0);
  const bestIsOutside = best !== undefined && (best.outside > 0 || (best.outside === 0 && candidates.length > 1));
  const outside = bestIsOutside && !(egressNamed && best.outside < SURELY_OUTSIDE && !alone) ? best.name : free();
  const inside = candidates.map(({ name }) => name).filter((name) => name !== outside);
  if (inside.length === 0) inside.push(free());
  const groupOf = (name: string) => candidates.find((one) => one.name === name)?.group;
  const interfaces = [
    LOOPBACK,
    {
      name: outside,
      groups: ["egress", ...(groupOf(outside) === undefined ? [] : [groupOf(outside) as string])],
      addresses: outsideAddresses(evidence, avoid),
    },
    ...inside.map((name, index) => {
      const group = groupOf(name);
      const groupList = group === undefined ? [] : [group];
      return { name, groups: groupList, addresses: insideAddresses(name, groupList, index, evidence) };
    }),
  ];
  const isThin =
    !egressNamed &&
    candidates.length > 1 &&
    Math.abs(best?.outside ?? 0) < 2 &&
    candidates.every((one) => one.outside > -3);
  return { interfaces, outside, inside, guessed: true, ...(isThin && { thin: true as const }) };
}

/** A public network that the text does not speak of. */
export function unnamedNetwork(family: Family, avoid: (address: string) => boolean): Network {
  const list: readonly string[] = PUBLIC_NETWORKS[family];
  const chosen = list.find((network) => !avoid(network.split("/")[0] ?? "")) ?? (list.at(-1) as string);
  return parseNetwork(chosen);
}

export function parseNetwork(text: string): Network {
  const [address = "", prefix] = text.split("/");
  return networkOf(address, Number(prefix ?? (address.includes(":") ? 128 : 32)));
}

/** The n-th host of a network; the network's own address if it is a host. */
export function hostOf(network: Network, number: number): string {
  if (network.prefix >= (network.family === "inet" ? 31 : 127)) return network.text;
  const words = [...network.words];
  words[words.length - 1] = (words.at(-1) as number) + number;
  return fromWords(words).text;
}

type Address = Interface["addresses"][number];

function outsideAddresses({ ownAddresses }: Evidence, avoid: (address: string) => boolean): readonly Address[] {
  return (["inet", "inet6"] as const).flatMap((family) => {
    const own = [...new Set(ownAddresses.filter((address) => familyOfText(address) === family))];
    if (own.length === 0) own.push(hostOf(unnamedNetwork(family, avoid), 1));
    return own.map((address) => ({ address, prefix: family === "inet" ? 24 : 64 }));
  });
}

function insideAddresses(
  name: string,
  groups: readonly string[],
  index: number,
  evidence: Evidence,
): readonly Address[] {
  return (["inet", "inet6"] as const).map((family) => {
    const prefix = family === "inet" ? 24 : 64;
    const [first] = networksBehind(name, groups, family, evidence);
    const fallback = family === "inet" ? `10.231.${index}.0/24` : `2001:db8:231:${index}::/64`;
    const found = first ?? parseNetwork(fallback);
    // A host among the clients lies in a network of the usual size.
    const network = found.prefix > prefix ? networkOf(found.text, prefix) : found;
    const router = hostOf(network, 1);
    return { address: router === found.text ? hostOf(network, 254) : router, prefix: network.prefix };
  });
}

/** Networks of clients behind an interface: those of rules that name it, else those of rules that name none. */
export function networksBehind(
  name: string,
  groups: readonly string[],
  family: Family,
  { clientNetworks }: Evidence,
): readonly Network[] {
  const driver = name.replace(/\d+$/, "");
  const ours = clientNetworks.filter(({ address }) => familyOfText(address) === family);
  const known = ours.filter(({ interface: on }) => on === name || on === driver || groups.includes(on ?? ""));
  const chosen = known.length > 0 ? known : ours.filter(({ interface: on }) => on === undefined);
  return chosen.map(({ address, prefix }) => networkOf(address, prefix));
}

export const contains = (network: Network, address: string): boolean =>
  addressOf(address).family === network.family && inNetwork(addressOf(address), network);

/**
 * The address families that FTP has to work in: those that a given machine has both inside and outside; on a guessed
 * machine those that the rules pass. IPv4, unless the rules are for IPv6 only.
 */
export function familiesInUse(
  statements: readonly Statement[],
  machine: Machine,
  servers: readonly Named[],
): readonly Family[] {
  const macros = macrosOf(statements);
  const words = statements.filter(({ isMacro }) => !isMacro).map((statement) => wordsOf(statement, macros));
  const wanted = (["inet", "inet6"] as const).filter((family) => !words.some((rule) => shutsOut(rule, family)));
  // With -R there is one server, and so one family.
  const served = wanted.filter((family) => servers.some(({ address }) => familyOfText(address) === family));
  if (served.length > 0) return served;
  if (!machine.guessed) return wanted.filter((family) => isThere(machine, family));
  const passing = words.filter(([keyword = ""]) => /^(?:pass|match|nat|rdr)$/.test(keyword));
  const tables = new Set(
    words.filter((rule) => rule[0] === "table" && rule.slice(2).some(isInet6Word)).map(([, name]) => name),
  );
  const inet6 = passing.filter((rule) => speaksOfInet6(rule) || rule.some((word) => tables.has(word))).length;
  return wanted.filter((family) => (family === "inet6" ? inet6 > 0 : inet6 < passing.length || passing.length === 0));
}

/** `block quick inet6`: the whole family is not wanted. */
const shutsOut = (words: readonly string[], family: Family): boolean =>
  words[0] === "block" &&
  words.includes("quick") &&
  words.includes(family) &&
  !words.some((word) => /^(?:on|port|proto|from|to)$/.test(word));

function isThere({ interfaces, outside, inside }: Machine, family: Family): boolean {
  const has = (name: string) =>
    interfaces
      .find((one) => one.name === name)
      ?.addresses.some(({ address }) => familyOfText(address) === family && !/^fe80/i.test(address)) ?? false;
  return has(outside) && inside.some(has);
}

/** Judged by the words: names of interfaces stand for both families on a machine that is only guessed. */
const speaksOfInet6 = (words: readonly string[]): boolean =>
  !words.includes("lo0") &&
  !words.includes("lo") &&
  words.some((word) => /^(?:inet6|icmp6|ipv6-icmp|icmp6-type)$/.test(word) || isInet6Word(word));

const isInet6Word = (word: string): boolean => /^[0-9a-f]*:[0-9a-f]*:[0-9a-f:./]*$/i.test(word);
