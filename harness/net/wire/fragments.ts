/**
 * Cuts the bytes of an IPv4 packet for a narrow link, as a router does (RFC 791 §3.2). A fragment can be cut again.
 * Options and other fields without a place in a record stay as they are.
 *
 * @example
 * for (const part of fragments(bytes, 1280)) wire.write(part);
 */

import { finish, sum } from "./checksum.ts";
import { get16, put16 } from "./ip-part.ts";

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
