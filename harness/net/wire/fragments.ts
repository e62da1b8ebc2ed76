/**
 * Cuts the bytes of a packet: of IPv4 for a narrow link, as a router does (RFC 791 §3.2), and a fragment can be cut
 * again; of IPv6 as its sender does (RFC 8200 §4.5), or PF after it put the packet together.
 * Options and other fields without a place in a record stay as they are.
 *
 * @example
 * for (const part of fragments(bytes, 1280)) wire.write(part);
 */

import { finish, sum } from "./checksum.ts";
import { boundsOf, get16, put16 } from "./ip-part.ts";

const MORE = 0x2000;
const OFFSET = 0x1fff;

/** Fragments of at most `mtu` bytes each, or the packet itself where it fits. */
export function fragments(bytes: Uint8Array, mtu: number): Uint8Array[] {
  if (bytes.length <= mtu) return [bytes];
  const start = (bytes[0]! & 15) * 4;
  const field = get16(bytes, 6);
  // Offsets count in units of eight bytes.
  const room = (mtu - start) & ~7;
  const parts: Uint8Array[] = [];
  for (let from = start; from < bytes.length; from += room) {
    const to = Math.min(from + room, bytes.length);
    const part = new Uint8Array(start + to - from);
    part.set(bytes.subarray(0, start));
    part.set(bytes.subarray(from, to), start);
    const more = to < bytes.length ? MORE : field & MORE;
    put16(part, 2, part.length);
    put16(part, 6, (field & ~(MORE | OFFSET)) | more | ((field & OFFSET) + ((from - start) >> 3)));
    put16(part, 10, 0);
    put16(part, 10, finish(sum(part, 0, start)));
    parts.push(part);
  }
  return parts;
}

const FRAGMENT_HEADER = 8;
/** Next header: a fragment header (RFC 8200). */
const FRAGMENT = 44;

/** Fragments of at most `mtu` bytes each; extension headers before the transport's are in each. */
export function inet6Fragments(bytes: Uint8Array, mtu: number, id: number): Uint8Array[] {
  const bounds = boundsOf(bytes);
  if (typeof bounds === "string" || bounds.fragment !== undefined) return [bytes];
  const { start, end, protocol } = bounds;
  const room = (mtu - start - FRAGMENT_HEADER) & ~7;
  const parts: Uint8Array[] = [];
  for (let from = start; from < end; from += room) {
    const to = Math.min(from + room, end);
    const part = new Uint8Array(start + FRAGMENT_HEADER + to - from);
    part.set(bytes.subarray(0, start));
    part[lastNextHeader(bytes, start)] = FRAGMENT;
    part[start] = protocol;
    put16(part, start + 2, (from - start) | (to < end ? 1 : 0));
    put16(part, start + 4, id >>> 16);
    put16(part, start + 6, id & 0xffff);
    part.set(bytes.subarray(from, to), start + FRAGMENT_HEADER);
    put16(part, 4, part.length - 40);
    parts.push(part);
  }
  return parts;
}

/** Where the number of the transport protocol is. */
function lastNextHeader(bytes: Uint8Array, start: number): number {
  let at = 6;
  for (let header = 40; header < start; header += (bytes[header + 1]! + 1) * 8) at = header;
  return at;
}
