/**
 * A packet of a real wire on its way through a firewall: the record that PF sees, and its bytes, which change with it.
 * So a packet that passes keeps what the record has no field for.
 *
 * @example
 * const forwarder = new Forwarder({ form: asDatagrams, ... });
 * const datagram = datagramOf(bytes);
 * if (datagram !== undefined) forwarder.receive(datagram, em0);
 */

import type { Packet } from "../../pf/packet.ts";
import type { PacketForm } from "../ip/forwarder.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { fragments, inet6Fragments } from "./fragments.ts";
import { segmentLength, segments } from "./offload.ts";
import { rewriteInPlace } from "./rewrite.ts";

export interface Datagram {
  readonly packet: Packet;
  readonly bytes: Uint8Array;
  /** It represents several segments, each with so many bytes of payload (offload.ts). PF sees it whole. */
  readonly segmentSize?: number | undefined;
}

/** Undefined for bytes that are no IP packet. */
export function datagramOf(bytes: Uint8Array, segmentSize?: number): Datagram | undefined {
  const decoded = decode(bytes);
  return decoded.ok ? { packet: decoded.packet, bytes, segmentSize } : undefined;
}

export const asDatagrams: PacketForm<Datagram> = {
  packet: ({ packet }) => packet,
  made: (packet) => ({ packet, bytes: encode(packet) }),
  changed({ packet: before, bytes, segmentSize }, packet) {
    // Reassembled by PF: the bytes that came are only a part of it.
    const whole = packet.fragment === before.fragment && packet.payload === before.payload;
    return whole ? { packet, bytes: rewriteInPlace(bytes, packet), segmentSize } : { packet, bytes: encode(packet) };
  },
  length: ({ bytes, segmentSize }) => (segmentSize === undefined ? bytes.length : segmentLength(bytes, segmentSize)),
  fragments: (one, mtu) =>
    eachSegment(one).flatMap(({ packet, bytes }) => {
      const parts =
        packet.family === "inet" ? fragments(bytes, mtu) : inet6Fragments(bytes, mtu, packet.reassembled?.id ?? 0);
      return parts.flatMap(parsed);
    }),
};

/** The packets of the wire that it represents. */
export function eachSegment(one: Datagram): readonly Datagram[] {
  return one.segmentSize === undefined ? [one] : segments(one.bytes, one.segmentSize).flatMap(parsed);
}

const parsed = (bytes: Uint8Array): readonly Datagram[] => {
  const one = datagramOf(bytes);
  return one === undefined ? [] : [one];
};
