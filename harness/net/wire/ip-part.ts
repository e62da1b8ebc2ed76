/**
 * The IP part of a packet's bytes: header fields, and where the transport header begins and ends.
 * Understands IPv4 options and the IPv6 extension headers hop-by-hop, routing, destination options
 * and fragment.
 *
 * @example
 * const ip = ipPart(bytes);
 * if (typeof ip !== "string") console.log(ip.protocol, bytes.subarray(ip.start, ip.end));
 */

import type { Family, Packet } from "../../pf/packet.ts";
import { addressText } from "./address.ts";
import { finish, sum } from "./checksum.ts";

export type DecodeFailure = "short" | "version" | "bad-length" | "bad-checksum";

/** Where the transport header begins and the packet ends, and of which protocol it is. */
export interface Bounds {
  readonly family: Family;
  readonly protocol: number;
  readonly start: number;
  readonly end: number;
  /** IPv4 options, or the IPv6 headers in their place. */
  readonly options: boolean;
  readonly fragment: Packet["fragment"];
}

/** The header before the transport header, and where that begins. */
export interface IpPart extends Bounds {
  readonly header: {
    readonly family: Family;
    readonly source: string;
    readonly destination: string;
    readonly ttl: number;
    readonly tos: number;
    options?: true;
    fragment?: NonNullable<Packet["fragment"]>;
    dontFragment?: true;
  };
}

/** `quoted`: the packet may end before its own length says. */
export function ipPart(
  bytes: Uint8Array,
  { verify = false, quoted = false }: { readonly verify?: boolean; readonly quoted?: boolean } = {},
): IpPart | DecodeFailure {
  const bounds = boundsOf(bytes, quoted);
  if (typeof bounds === "string") return bounds;
  const { family, protocol, start, end, options, fragment } = bounds;
  const inet = family === "inet";
  if (verify && inet && finish(sum(bytes, 0, start)) !== 0) return "bad-checksum";
  // Filled in place: this runs once per packet.
  const header: IpPart["header"] = {
    family,
    source: inet ? addressText(bytes, 12, 4) : addressText(bytes, 8, 16),
    destination: inet ? addressText(bytes, 16, 4) : addressText(bytes, 24, 16),
    ttl: inet ? bytes[8]! : bytes[7]!,
    tos: inet ? bytes[1]! : ((bytes[0]! & 15) << 4) | (bytes[1]! >> 4),
  };
  if (options) header.options = true;
  if (fragment !== undefined) header.fragment = fragment;
  if (inet && (bytes[6]! & 0x40) !== 0) header.dontFragment = true;
  return { header, family, protocol, start, end, options, fragment };
}

/** The same without the header's fields, for a caller that has them. */
export function boundsOf(bytes: Uint8Array, quoted = false): Bounds | DecodeFailure {
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4) return bytes.length < 20 ? "short" : inetBounds(bytes, quoted);
  if (version === 6) return bytes.length < 40 ? "short" : inet6Bounds(bytes, quoted);
  return bytes.length === 0 ? "short" : "version";
}

function inetBounds(bytes: Uint8Array, quoted: boolean): Bounds | DecodeFailure {
  const start = (bytes[0]! & 15) * 4;
  if (start < 20 || bytes.length < start) return "short";
  const total = get16(bytes, 2);
  if (total < start || (total > bytes.length && !quoted)) return "bad-length";
  const flags = get16(bytes, 6);
  const fragment =
    (flags & 0x3fff) === 0
      ? undefined
      : { id: get16(bytes, 4), offset: (flags & 0x1fff) * 8, more: (flags & 0x2000) !== 0 };
  const end = Math.min(total, bytes.length);
  return { family: "inet", protocol: bytes[9]!, start, end, options: start > 20, fragment };
}

function inet6Bounds(bytes: Uint8Array, quoted: boolean): Bounds | DecodeFailure {
  const total = 40 + get16(bytes, 4);
  if (total > bytes.length && !quoted) return "bad-length";
  const end = Math.min(total, bytes.length);
  let protocol = bytes[6]!;
  let start = 40;
  let options = false;
  let fragment: Packet["fragment"];
  // RFC 8200: 0 hop-by-hop, 43 routing, 60 destination options, 44 fragment.
  while (protocol === 0 || protocol === 43 || protocol === 60 || protocol === 44) {
    if (start + 8 > end) return "short";
    const next = bytes[start]!;
    if (protocol === 44) {
      const field = get16(bytes, start + 2);
      fragment = { id: get32(bytes, start + 4), offset: field & 0xfff8, more: (field & 1) !== 0 };
      start += 8;
    } else {
      if (protocol !== 60) options = true;
      start += (bytes[start + 1]! + 1) * 8;
    }
    protocol = next;
    if (fragment !== undefined && fragment.offset > 0) break;
  }
  return start > end ? "short" : { family: "inet6", protocol, start, end, options, fragment };
}

export const get16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
export const get32 = (bytes: Uint8Array, at: number): number => ((get16(bytes, at) << 16) | get16(bytes, at + 2)) >>> 0;

export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}
