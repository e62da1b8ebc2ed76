/**
 * Addresses for the evaluation: text with 32-bit words, parsed once.
 *
 * @example
 * inNetwork(addressOf("10.0.0.7"), networkOf("10.0.0.0", 24)) // true
 */

import { formatWords, parseInet, parseInet6 } from "../../inet.ts";
import type { Family } from "../../packet.ts";

/** One word for IPv4, four for IPv6, most significant first; unsigned. */
export interface Address {
  readonly text: string;
  readonly family: Family;
  readonly words: readonly number[];
}

export interface Network extends Address {
  readonly prefix: number;
  readonly mask: readonly number[];
}

/** The cache must not grow for ever under traffic with very many addresses. */
const CACHE_LIMIT = 65536;
const cache = new Map<string, Address>();

/** @throws RangeError if the text is not an address. */
export function addressOf(text: string): Address {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const address = parse(text);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(text, address);
  return address;
}

function parse(text: string): Address {
  const percent = text.indexOf("%");
  const plain = percent < 0 ? text : text.slice(0, percent);
  const inet = parseInet(plain);
  if (inet !== undefined) return { text: plain, family: "inet", words: [(inet[0] as number) >>> 0] };
  const inet6 = parseInet6(plain);
  if (inet6 === undefined) throw new RangeError(`"${text}" is no IPv4 or IPv6 address`);
  const words: number[] = [];
  for (let i = 0; i < 8; i += 2) words.push(((inet6[i] as number) * 65536 + (inet6[i + 1] as number)) >>> 0);
  return { text: plain, family: "inet6", words };
}

/** The address with these words. */
export function fromWords(words: readonly number[]): Address {
  if (words.length === 1) return addressOf(formatWords([(words[0] as number) >>> 0]));
  return addressOf(formatWords(words.flatMap((word) => [word >>> 16, word & 0xffff])));
}

function prefixMask(family: Family, prefix: number): readonly number[] {
  const count = family === "inet" ? 1 : 4;
  return Array.from({ length: count }, (_, index) => {
    const bits = Math.min(Math.max(prefix - index * 32, 0), 32);
    return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  });
}

/** The network that `text` lies in. */
export function networkOf(text: string, prefix: number): Network {
  const address = addressOf(text);
  const mask = prefixMask(address.family, prefix);
  const words = address.words.map((word, index) => (word & (mask[index] as number)) >>> 0);
  return { ...fromWords(words), prefix, mask };
}

export function inNetwork(address: Address, network: Network): boolean {
  const { words } = address;
  if (words.length !== network.words.length) return false;
  if (words.length === 1)
    return (((words[0] as number) & (network.mask[0] as number)) ^ (network.words[0] as number)) === 0;
  for (let i = 0; i < words.length; i++) {
    if (((words[i] as number) & (network.mask[i] as number)) >>> 0 !== network.words[i]) return false;
  }
  return true;
}

/** Order of the numbers; IPv4 before IPv6. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.words.length !== b.words.length) return a.words.length - b.words.length;
  for (let i = 0; i < a.words.length; i++) {
    const difference = (a.words[i] as number) - (b.words[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The next address. */
export function increment(address: Address): Address {
  const words = [...address.words];
  for (let i = words.length - 1; i >= 0; i--) {
    words[i] = ((words[i] as number) + 1) >>> 0;
    if (words[i] !== 0) break;
  }
  return fromWords(words);
}

/** Network bits from `network`, host bits from `host`. */
export function combine(network: Network, host: Address): Address {
  return fromWords(
    network.words.map((word, i) => (word | (~(network.mask[i] as number) & (host.words[i] as number))) >>> 0),
  );
}

export const hostPrefix = (family: Family): number => (family === "inet" ? 32 : 128);

export const isLoopback = ({ family, words }: Address): boolean =>
  family === "inet"
    ? (words[0] as number) >>> 24 === 127
    : words[0] === 0 && words[1] === 0 && words[2] === 0 && words[3] === 1;

export const isMulticast = ({ family, words }: Address): boolean =>
  family === "inet" ? (words[0] as number) >>> 28 === 14 : (words[0] as number) >>> 24 === 0xff;

export const isLinkLocal = ({ family, words }: Address): boolean =>
  family === "inet6" && (words[0] as number) >>> 22 === 0xfe80 >> 6;
