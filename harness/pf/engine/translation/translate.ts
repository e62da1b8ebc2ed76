/**
 * nat-to, rdr-to and af-to: the new ends that one rule gives a packet. Later rules, and the second test on the way
 * out, see the new ends; the packet itself is rewritten when its state is made.
 */

import type { Description } from "../description.ts";
import type { Kernel } from "../kernel.ts";
import type { LoadedRule } from "../rules/loaded-rule.ts";
import { type Address, addressOf, combine, fromWords, type Network, networkOf } from "../tables/address.ts";
import { mapSource } from "./nat-port.ts";
import { chooseAddress, type UsedNodes } from "./pools.ts";

/** False: no address or port is free, so the packet is dropped. `none`: the rule translates nothing. */
export function translate(
  kernel: Kernel,
  description: Description,
  rule: LoadedRule,
  nodes: UsedNodes,
): boolean | "none" {
  if (rule.filter?.afTo !== undefined) return translateFamily(kernel, description, rule, nodes);
  if (rule.nat !== undefined) {
    const mapped = mapSource(kernel, description, rule, nodes);
    if (mapped === undefined) return false;
    description.newSource = mapped.address;
    description.newSourcePort = mapped.port;
  }
  const pool = rule.rdr;
  if (pool === undefined) return rule.nat === undefined ? "none" : true;
  const { family, newSource } = description;
  let target = chooseAddress(kernel, family, rule, pool, newSource, "rdr", nodes);
  if (target === undefined) return false;
  if (pool.pool.type === "bitmask" && pool.network !== undefined) {
    target = combine(pool.network, addressOf(description.newDestination)).text;
  }
  const port = targetPort(rule, description.newDestinationPort);
  description.newDestination = target;
  if (port !== 0) description.newDestinationPort = port;
  return true;
}

/** 0: unchanged. `rdr-to a port 9000:9009` counts from the first port that the rule matches. */
function targetPort(rule: LoadedRule, destinationPort: number): number {
  const ports = rule.rdr?.pool.port;
  if (ports === undefined) return 0;
  if (ports.to === 0) return ports.from;
  const matched = rule.rule.destination.port;
  const first = matched === undefined ? 0 : "value" in matched ? matched.value : matched.from;
  // pf_lb.c computes with signed numbers, and subtracts 65535 from too high ones.
  const port = ((destinationPort - first) % (ports.to - ports.from + 1)) + ports.from;
  return (port > 65535 ? port - 65535 : port) & 0xffff;
}

/** ICMP types in both families: echo and its reply. */
const ECHO = { inet: { request: 8, reply: 0 }, inet6: { request: 128, reply: 129 } } as const;

function translateFamily(kernel: Kernel, description: Description, rule: LoadedRule, nodes: UsedNodes): boolean {
  const afTo = rule.filter?.afTo;
  if (afTo === undefined) return false;
  const { family, newFamily } = description;
  const source = mapSource(kernel, description, rule, nodes);
  if (source === undefined) return false;
  const { request, reply } = ECHO[family];
  if (description.icmp !== undefined) {
    const field = description.direction === "in" ? "newDestinationPort" : "newSourcePort";
    if (description[field] === request) description[field] = ECHO[newFamily].request;
    else if (description[field] === reply) description[field] = ECHO[newFamily].reply;
  }
  const before = addressOf(description.newDestination);
  let destination: Address;
  const pool = rule.rdr;
  if (pool !== undefined) {
    const base = chooseAddress(kernel, newFamily, rule, pool, source.address, "rdr", nodes);
    if (base === undefined) return false;
    const ports = pool.pool.port;
    if (ports !== undefined && ports.from !== 0) description.newDestinationPort = ports.from;
    const prefix = pool.network?.prefix ?? 96;
    destination =
      newFamily === "inet" ? hostBits(before, networkOf(base, prefix)) : embed(before, addressOf(base), prefix);
  } else if (newFamily === "inet") {
    const given = rule.destination.network?.prefix ?? 0;
    destination = extract(before, given < 32 ? 96 : given);
  } else {
    const prefix = Math.min(rule.nat?.network?.prefix ?? 96, 96);
    destination = embed(before, addressOf(source.address), prefix);
  }
  description.newSource = source.address;
  description.newSourcePort = source.port;
  description.newDestination = destination.text;
  return true;
}

/** The IPv4 address behind a prefix of an IPv6 one: RFC 6052, 2.2. Byte 8 is skipped. */
function extract(address: Address, prefix: number): Address {
  const bytes = address.words.flatMap((word) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff));
  const taken: number[] = [];
  for (let at = Math.floor(prefix / 8); taken.length < 4 && at < 16; at++) {
    if (at === 8 && prefix < 96) continue;
    taken.push(bytes[at] as number);
  }
  return fromWords([taken.reduce((sum, byte) => sum * 256 + byte, 0)]);
}

/** An IPv4 address put behind a prefix: RFC 6052, 2.2. */
function embed(address: Address, base: Address, prefix: number): Address {
  const bytes = base.words.flatMap((word) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff));
  const host = [24, 16, 8, 0].map((shift) => ((address.words[0] as number) >>> shift) & 0xff);
  let at = Math.floor(prefix / 8);
  for (const byte of host) {
    if (at === 8 && prefix < 96) bytes[at++] = 0;
    bytes[at++] = byte;
  }
  if (prefix < 96) for (; at < 16; at++) bytes[at] = 0;
  return fromWords([0, 4, 8, 12].map((i) => bytes.slice(i, i + 4).reduce((sum, byte) => sum * 256 + byte, 0)));
}

/** Network bits of an IPv4 pool, host bits from the last word of the address. */
function hostBits(address: Address, network: Network): Address {
  return combine(network, fromWords([address.words[address.words.length - 1] as number]));
}
