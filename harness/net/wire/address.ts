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

import type { Family } from "../../pf/packet.ts";

/** Few addresses are spoken of over and over; the cache is emptied when it has grown past this. */
const CACHE_LIMIT = 4096;
const cache = new Map<string, Uint8Array>();

export const familyOf = (address: string): Family => (address.includes(":") ? "inet6" : "inet");

/** Within fe80::/10 (RFC 4291 §2.5.6), for canonical text: such addresses mean something on one link only. */
export const isLinkLocal = (address: string): boolean => /^fe[89ab][0-9a-f]:/.test(address);

/** 127.0.0.0/8 and ::1, for canonical text. */
export const isLoopback = (address: string): boolean => address === "::1" || address.startsWith("127.");

/** Multicast of both families and the IPv4 broadcast, for canonical text. */
export const isMulticast = (address: string): boolean => /^(22[4-9]|23\d|255)\.|^ff[0-9a-f]{2}:/.test(address);

/** 4 or 16 bytes in network order. The array is shared: read it, do not write it. */
export function addressBytes(text: string): Uint8Array {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const bytes = text.includes(":") ? parseInet6(text) : parseInet(text);
  if (bytes === undefined) throw new RangeError(`not an IP address: ${JSON.stringify(text)}`);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(text, bytes);
  return bytes;
}

/** The canonical text of the 4 or 16 bytes at `offset`. */
export function addressText(bytes: Uint8Array, offset = 0, length = bytes.length - offset): string {
  if (length === 4) return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
  if (length !== 16) throw new RangeError(`an address has 4 or 16 bytes, not ${length}`);
  return inet6Text(bytes, offset);
}

export const canonicalAddress = (text: string): string => addressText(addressBytes(text));

function parseInet(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return Uint8Array.from(parts, Number);
}

function parseInet6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groups(halves[0] ?? "");
  const tail = halves.length === 2 ? groups(halves[1] ?? "") : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const words = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}

/** The 16-bit words of one side of `::`; a dotted quad may stand at its end. */
function groups(text: string): number[] | undefined {
  if (text === "") return [];
  const words: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (part.includes(".") && index === parts.length - 1) {
      const quad = parseInet(part);
      if (quad === undefined) return undefined;
      words.push((quad[0]! << 8) | quad[1]!, (quad[2]! << 8) | quad[3]!);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      words.push(Number.parseInt(part, 16));
    } else return undefined;
  }
  return words;
}

function inet6Text(bytes: Uint8Array, offset: number): string {
  const words: number[] = [];
  for (let i = 0; i < 16; i += 2) words.push((bytes[offset + i]! << 8) | bytes[offset + i + 1]!);
  const run = longestZeroRun(words);
  // inet_ntop(3): IPv4-mapped and IPv4-compatible addresses end in a dotted quad.
  const dotted = run.start === 0 && (run.length === 6 || (run.length === 5 && words[5] === 0xffff));
  const hex = (part: readonly number[]): string => part.map((word) => word.toString(16)).join(":");
  if (dotted) {
    const prefix = run.length === 6 ? "::" : "::ffff:";
    return prefix + addressText(bytes, offset + 12, 4);
  }
  if (run.length < 2) return hex(words);
  return `${hex(words.slice(0, run.start))}::${hex(words.slice(run.start + run.length))}`;
}

/** The first of the longest runs, as inet_ntop(3) chooses. */
function longestZeroRun(words: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 0 };
  for (let start = 0; start < words.length; start++) {
    let length = 0;
    while (words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
