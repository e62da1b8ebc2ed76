/**
 * IPv4 and IPv6 addresses as words: read as inet_pton(3) reads them, printed as inet_ntop(3) prints them, masked.
 * `formatWords(mask(parseInet6("2001:db8::1")!, 64))` is `2001:db8::`. An IPv4 address is one 32-bit word, an IPv6
 * address eight 16-bit words.
 */

import type { Family } from "./packet.ts";

export type Words = readonly number[];

/** Four decimal parts, no leading zeros; undefined for any other text. */
export function parseInet(text: string): Words | undefined {
  let value = 0;
  let part = 0;
  let digits = 0;
  let parts = 1;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (character >= 48 && character <= 57) {
      if (digits > 0 && part === 0) return undefined;
      part = part * 10 + character - 48;
      digits++;
      if (part > 255) return undefined;
    } else if (character === 46 && digits > 0 && parts < 4) {
      value = value * 256 + part;
      parts++;
      part = 0;
      digits = 0;
    } else return undefined;
  }
  return parts === 4 && digits > 0 ? [value * 256 + part] : undefined;
}

/** All forms of RFC 4291, the embedded IPv4 one included; no scope. */
export function parseInet6(text: string): Words | undefined {
  if (text.length > 45 || !text.includes(":")) return undefined;
  let body = text;
  const lastColon = body.lastIndexOf(":");
  if (body.includes(".")) {
    const inet = parseInet(body.slice(lastColon + 1));
    if (inet === undefined) return undefined;
    const value = inet[0] as number;
    body = `${body.slice(0, lastColon + 1)}${Math.floor(value / 65536).toString(16)}:${(value % 65536).toString(16)}`;
  }
  const halves = body.split("::");
  if (halves.length > 2) return undefined;
  const head = groups(halves[0] as string);
  const tail = halves.length === 2 ? groups(halves[1] as string) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function groups(text: string): number[] | undefined {
  if (text === "") return [];
  const words: number[] = [];
  for (const group of text.split(":")) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    words.push(Number.parseInt(group, 16));
  }
  return words;
}

/**
 * The looser IPv4 form that inet_net_pton(3) takes where a mask is given: `10`, `192.168`, `0x0a01`. Missing parts
 * are zero.
 */
export function parseInetNetwork(text: string): Words | undefined {
  let octets: number[] = [];
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) {
    const digits = text.slice(2);
    for (let i = 0; i < digits.length; i += 2) octets.push(Number.parseInt(digits.slice(i, i + 2).padEnd(2, "0"), 16));
  } else if (/^\d{1,20}(\.\d{1,20}){0,3}$/.test(text)) octets = text.split(".").map(Number);
  if (octets.length === 0 || octets.length > 4 || octets.some((octet) => octet > 255)) return undefined;
  let value = 0;
  for (let i = 0; i < 4; i++) value = value * 256 + (octets[i] ?? 0);
  return [value];
}

/** Keeps the first `prefix` bits. */
export function mask(words: Words, prefix: number): Words {
  const width = words.length === 1 ? 32 : 16;
  return words.map((word, index) => {
    const dropped = Math.min(Math.max(width * (index + 1) - prefix, 0), width);
    const unit = 2 ** dropped;
    return Math.floor(word / unit) * unit;
  });
}

export const familyOf = (words: Words): Family => (words.length === 1 ? "inet" : "inet6");

export const isZero = (words: Words): boolean => words.every((word) => word === 0);

export function formatWords(words: Words): string {
  if (words.length === 1) return formatInet(words[0] as number);
  let best = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && words[end] === 0) end++;
    if (end - start > bestLength) {
      best = start;
      bestLength = end - start;
    }
    if (end > start) start = end;
  }
  // RFC 4291 2.2: IPv4-compatible and IPv4-mapped addresses end in dots.
  if (best === 0 && (bestLength === 6 || (bestLength === 5 && words[5] === 0xffff))) {
    const inet = formatInet((words[6] as number) * 65536 + (words[7] as number));
    return bestLength === 6 ? `::${inet}` : `::ffff:${inet}`;
  }
  const hex = (part: Words) => part.map((word) => word.toString(16)).join(":");
  return best < 0 ? hex(words) : `${hex(words.slice(0, best))}::${hex(words.slice(best + bestLength))}`;
}

const formatInet = (value: number): string =>
  `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
