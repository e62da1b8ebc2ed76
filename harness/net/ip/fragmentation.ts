/**
 * IP fragments: cuts a packet that is too long for a link, and reassembles one. The first fragment keeps its record
 * (ports, flags) with the first part of the payload. Later ones are raw, as they have no transport header.
 *
 * @example
 * for (const part of fragment(packet, 1500, id)) send(part);
 */

import type { Packet } from "../../pf/packet.ts";
import { ipHeaderLength, transportLength } from "../wire/length.ts";

/** Cuts an IPv4 packet, which may be a fragment itself; each part fits into `mtu` bytes. */
export function fragment(packet: Packet, mtu: number, identification: number): Packet[] {
  const { id, offset: begin, more } = packet.fragment ?? { id: identification, offset: 0, more: false };
  // Offsets count in units of eight bytes (RFC 791).
  const room = (mtu - ipHeaderLength(packet)) & ~7;
  const transportHeader = transportLength(packet) - packet.payload.length;
  const total = transportLength(packet);
  const first: Packet = {
    ...packet,
    fragment: { id, offset: begin, more: true },
    payload: packet.payload.subarray(0, room - transportHeader),
  };
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
/** Datagrams that wait for parts; beyond it the oldest goes. */
const MOST_DATAGRAMS = 200;

interface Datagram {
  readonly parts: Packet[];
  readonly since: number;
}

export class Reassembly {
  readonly #datagrams = new Map<string, Datagram>();

  /** Answers the whole packet if this was its last missing part. */
  add(part: Packet, nowMs: number): Packet | undefined {
    const key = `${part.source} ${part.destination} ${part.protocol} ${part.fragment?.id}`;
    for (const [old, { since }] of this.#datagrams) {
      if (nowMs - since <= REASSEMBLY_MS && this.#datagrams.size <= MOST_DATAGRAMS) break;
      this.#datagrams.delete(old);
    }
    const datagram = this.#datagrams.get(key) ?? { parts: [], since: nowMs };
    if (datagram.parts.some((known) => known.fragment?.offset === part.fragment?.offset)) return undefined;
    datagram.parts.push(part);
    this.#datagrams.set(key, datagram);
    const whole = join(datagram.parts);
    if (whole !== undefined) this.#datagrams.delete(key);
    return whole;
  }
}

function join(parts: readonly Packet[]): Packet | undefined {
  const sorted = [...parts].sort((a, b) => (a.fragment?.offset ?? 0) - (b.fragment?.offset ?? 0));
  let expected = 0;
  for (const part of sorted) {
    if (part.fragment?.offset !== expected) return undefined;
    expected += transportLength(part);
  }
  const first = sorted[0];
  if (first === undefined || sorted.at(-1)?.fragment?.more !== false) return undefined;
  const payload = new Uint8Array(sorted.reduce((total, part) => total + part.payload.length, 0));
  let at = 0;
  for (const part of sorted) {
    payload.set(part.payload, at);
    at += part.payload.length;
  }
  const { fragment: _, ...whole } = first;
  return { ...whole, payload } as Packet;
}
