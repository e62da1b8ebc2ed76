/**
 * IPv4 and IPv6 addresses between canonical text (inet_ntop(3) form, as in `Packet`) and bytes.
 *
 * `addressBytes` takes any valid text and throws RangeError for anything else; `addressText` always
 * answers the one canonical spelling, so `addressText(addressBytes(text))` canonicalises.
 *
 * @example
 * addressBytes("192.0.2.1"); // [192, 0, 2, 1]
 * addressText(addressBytes("2001:DB8:0:0::1")); // "2001:db8::1"
 */

import { formatWords, parseInet, parseInet6 } from "../../pf/inet.ts";
import type { Family } from "../../pf/packet.ts";

/** Addresses in the cache; a full cache is emptied. */
const CACHE_LIMIT = 4096;
const cache = new Map<string, Uint8Array>();

export const familyOf = (address: string): Family => (address.includes(":") ? "inet6" : "inet");

// The forwarder checks every packet: the first letters spare most a regular expression.

/** Within fe80::/10 (RFC 4291 §2.5.6), for canonical text: such addresses are valid on one link only. */
export const isLinkLocal = (address: string): boolean => address.startsWith("fe") && /^fe[89ab][0-9a-f]:/.test(address);

/** 127.0.0.0/8 and ::1, for canonical text. */
export const isLoopback = (address: string): boolean => address === "::1" || address.startsWith("127.");

/** Multicast of both families and the IPv4 broadcast, for canonical text. */
export const isMulticast = (address: string): boolean =>
  address.startsWith("2")
    ? /^(22[4-9]|23\d|255)\./.test(address)
    : address.startsWith("ff") && /^ff[0-9a-f]{2}:/.test(address);

/** 4 or 16 bytes in network order. The array is shared: read it, do not write it. */
export function addressBytes(text: string): Uint8Array {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const bytes = parse(text);
  if (bytes === undefined) throw new RangeError(`not an IP address: ${JSON.stringify(text)}`);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(text, bytes);
  return bytes;
}

/** The canonical text of the 4 or 16 bytes at `offset`. */
export function addressText(bytes: Uint8Array, offset = 0, length = bytes.length - offset): string {
  if (length === 4) return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
  if (length !== 16) throw new RangeError(`an address has 4 or 16 bytes, not ${length}`);
  const words: number[] = [];
  for (let i = offset; i < offset + 16; i += 2) words.push((bytes[i]! << 8) | bytes[i + 1]!);
  return formatWords(words);
}

export const canonicalAddress = (text: string): string => addressText(addressBytes(text));

/** Undefined for text that is not an address. */
function parse(text: string): Uint8Array | undefined {
  const [inet] = parseInet(text) ?? [];
  if (inet !== undefined) return Uint8Array.of(inet >>> 24, inet >>> 16, inet >>> 8, inet);
  const words = parseInet6(text);
  return words && Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}
