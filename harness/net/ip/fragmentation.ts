/**
 * IP fragments: cuts a packet that is too long for a link, and puts one together. The first fragment keeps its record
 * (ports, flags) with the first part of the payload. Later ones are raw, as they have no transport header.
 *
 * @example
 * for (const part of fragment(packet, 1500, id)) send(part);
 */

import { FragmentCache, type Piece } from "../../pf/engine/fragments.ts";
import type { Packet } from "../../pf/packet.ts";
import { decode } from "../wire/decode.ts";
import { encode } from "../wire/encode.ts";
import { ipHeaderLength, transportLength } from "../wire/length.ts";

/** Cuts a packet, which may be a fragment itself; each part fits into `mtu` bytes. */
export function fragment(packet: Packet, mtu: number, identification: number): Packet[] {
  const { id, offset: begin, more } = packet.fragment ?? { id: identification, offset: 0, more: false };
  const { reassembled: _, ...unmarked } = packet;
  const whole = { ...unmarked, fragment: { id, offset: begin, more: true } } as Packet;
  // Offsets count in units of eight bytes (RFC 791).
  const room = (mtu - ipHeaderLength(whole)) & ~7;
  const transportHeader = transportLength(packet) - packet.payload.length;
  const total = transportLength(packet);
  const first: Packet = { ...whole, payload: packet.payload.subarray(0, room - transportHeader) };
  const { family, source, destination, ttl, tos, protocol } = packet;
  const rest: Packet[] = [];
  for (let offset = room; offset < total; offset += room) {
    const start = offset - transportHeader;
    rest.push({
      family,
      source,
      destination,
      ttl,
      tos,
      protocol,
      fragment: { id, offset: begin + offset, more: more || offset + room < total },
      payload: packet.payload.subarray(start, start + room),
    });
  }
  return [first, ...rest];
}

/** ip(4): the time that the parts of a datagram wait for each other on OpenBSD (IPFRAGTTL 60 half seconds). */
const REASSEMBLY_MS = 30_000;
/** Fragments that wait; beyond it the oldest datagram goes. */
const MOST_FRAGMENTS = 10_000;

/** A host's own, for packets that are for itself. */
export class Reassembly {
  readonly #cache = new FragmentCache(
    () => REASSEMBLY_MS,
    () => MOST_FRAGMENTS,
  );

  /** Answers the whole packet if this was its last missing part. */
  add(part: Packet, nowMs: number): Packet | undefined {
    const kept = this.#cache.add("in", part, transportLength(part), nowMs);
    return typeof kept === "string" ? undefined : joined(kept);
  }
}

/** The datagram of all these pieces. It is parsed only here, since a fragment can end within a header. */
export function joined(pieces: readonly Piece[]): Packet {
  const first = (pieces[0] as Piece).packet;
  const parts = pieces.map(({ packet, from, to }) => {
    const skip = from - (packet.fragment?.offset ?? 0);
    const transport = encode(packet).subarray(ipHeaderLength(packet));
    return transport.subarray(skip, skip + to - from);
  });
  const { family, source, destination, ttl, tos, protocol, options } = first;
  const payload = new Uint8Array(Buffer.concat(parts));
  const raw: Packet = { family, source, destination, ttl, tos, protocol, ...(options && { options }), payload };
  const decoded = decode(encode(raw));
  return decoded.ok ? decoded.packet : raw;
}
