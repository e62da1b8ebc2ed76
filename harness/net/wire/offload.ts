/**
 * The work that a kernel leaves to its network card: checksums, and cutting a long run of TCP data into segments. A
 * TUN device that offers both brings packets of up to 64 KiB, so that a user space carries data forty times faster.
 * A header before each packet names the work (struct virtio_net_hdr).
 *
 * `takeOffload` completes checksums, except for packets with a segment size: `segments` makes theirs when it cuts
 * one, as a card would.
 *
 * @example
 * const segmentSize = takeOffload(header, bytes); // undefined: an ordinary packet
 * const size = giveOffload(header, bytes, segmentSize); // the header to be written before it
 * for (const one of segments(bytes, 1448)) capture.add(one);
 */

import { PROTOCOL, TCP_FLAG } from "../../pf/packet.ts";
import { finish, sum } from "./checksum.ts";
import { type Bounds, boundsOf, get16, get32, put16 } from "./ip-part.ts";

/** Source: Linux, include/uapi/linux/virtio_net.h. In the machine's own byte order. */
export const OFFLOAD_HEADER = 10;
const NEEDS_CHECKSUM = 1;
const GSO_NONE = 0;
const GSO_TCP = { inet: 1, inet6: 4 } as const;
const TCP_CHECKSUM_AT = 16;
const UDP_CHECKSUM_AT = 6;

/** Words of the header. */
const WORD = { headerLength: 1, segmentSize: 2, checksumStart: 3, checksumOffset: 4 } as const;
const words = (header: Uint8Array): Uint16Array => new Uint16Array(header.buffer, header.byteOffset, 5);

/**
 * Answers the bytes of payload in each segment if the packet has to be cut. Completes any other packet in place. The
 * header must begin at an even offset of its buffer.
 */
export function takeOffload(header: Uint8Array, bytes: Uint8Array): number | undefined {
  const fields = words(header);
  if (header[1] !== GSO_NONE) return fields[WORD.segmentSize];
  if (((header[0] ?? 0) & NEEDS_CHECKSUM) === 0) return undefined;
  const start = fields[WORD.checksumStart] ?? 0;
  const place = start + (fields[WORD.checksumOffset] ?? 0);
  // The field holds the sum of the pseudo header.
  const checksum = finish(sum(bytes, start, bytes.length));
  // RFC 768: a computed zero is sent as all ones.
  put16(bytes, place, fields[WORD.checksumOffset] === UDP_CHECKSUM_AT ? checksum || 0xffff : checksum);
  return undefined;
}

/** Writes the header for a packet. With a segment size, it leaves the checksum to the reader too. */
export function giveOffload(header: Uint8Array, bytes: Uint8Array, segmentSize: number | undefined): void {
  header.fill(0);
  if (segmentSize === undefined) return;
  const ip = boundsOf(bytes);
  if (typeof ip === "string" || ip.protocol !== PROTOCOL.tcp) return;
  const length = headersOf(bytes, ip);
  header[0] = NEEDS_CHECKSUM;
  header[1] = GSO_TCP[ip.family];
  const fields = words(header);
  fields[WORD.headerLength] = length;
  fields[WORD.segmentSize] = segmentSize;
  fields[WORD.checksumStart] = ip.start;
  fields[WORD.checksumOffset] = TCP_CHECKSUM_AT;
  put16(bytes, ip.start + TCP_CHECKSUM_AT, ~finish(pseudoSum(bytes, ip, ip.end - ip.start)) & 0xffff);
}

/** Length on the wire of the longest segment. */
export function segmentLength(bytes: Uint8Array, segmentSize: number): number {
  const ip = boundsOf(bytes);
  return typeof ip === "string" ? bytes.length : Math.min(bytes.length, headersOf(bytes, ip) + segmentSize);
}

/** Bytes before the payload of a TCP packet; undefined for any other, and for a fragment. */
export function tcpHeaders(bytes: Uint8Array): number | undefined {
  const ip = boundsOf(bytes);
  return typeof ip === "string" || ip.protocol !== PROTOCOL.tcp || ip.fragment !== undefined
    ? undefined
    : headersOf(bytes, ip);
}

/** The packets that a card would send instead, each whole. */
export function segments(bytes: Uint8Array, segmentSize: number): Uint8Array[] {
  const ip = boundsOf(bytes);
  if (typeof ip === "string" || ip.protocol !== PROTOCOL.tcp || segmentSize < 1) return [bytes];
  const length = headersOf(bytes, ip);
  const found: Uint8Array[] = [];
  for (let from = length; from < ip.end; from += segmentSize) {
    const to = Math.min(from + segmentSize, ip.end);
    const one = new Uint8Array(length + to - from);
    one.set(bytes.subarray(0, length));
    one.set(bytes.subarray(from, to), length);
    place(one, ip, { number: found.length, offset: from - length, last: to === ip.end });
    found.push(one);
  }
  return found;
}

/** Makes copied headers those of one segment. */
function place(
  one: Uint8Array,
  ip: Bounds,
  segment: { readonly number: number; readonly offset: number; readonly last: boolean },
): void {
  const { start } = ip;
  if (ip.family === "inet") {
    put16(one, 2, one.length);
    put16(one, 4, get16(one, 4) + segment.number);
    put16(one, 10, 0);
    put16(one, 10, finish(sum(one, 0, start)));
  } else put16(one, 4, one.length - 40);
  const sequence = get32(one, start + 4) + segment.offset;
  put16(one, start + 4, Math.floor(sequence / 0x10000));
  put16(one, start + 6, sequence);
  if (!segment.last) one[start + 13] = one[start + 13]! & ~(TCP_FLAG.F | TCP_FLAG.P);
  // RFC 3168: the window was reduced once.
  if (segment.number > 0) one[start + 13] = one[start + 13]! & ~TCP_FLAG.W;
  put16(one, start + TCP_CHECKSUM_AT, 0);
  const pseudo = pseudoSum(one, ip, one.length - start);
  put16(one, start + TCP_CHECKSUM_AT, finish(sum(one, start, one.length, pseudo)));
}

/** Bytes before the payload. */
const headersOf = (bytes: Uint8Array, { start }: Bounds): number => start + ((bytes[start + 12] ?? 0) >> 4) * 4;

const pseudoSum = (bytes: Uint8Array, { family }: Bounds, length: number): number =>
  (family === "inet" ? sum(bytes, 12, 20) : sum(bytes, 8, 40)) + PROTOCOL.tcp + length;
