/**
 * How many bytes a packet has on the wire: what rules, states and tables count.
 *
 * A packet that came from a wire says so itself (`length`); for others it is computed from the fields.
 */

import { isIcmp, isTcp, isUdp, type Packet } from "../packet.ts";

/** RFC 792 and icmp_do_error() of OpenBSD: an IPv4 error quotes the IP header and 8 bytes. */
const QUOTED_BYTES = 8;

export function packetLength(packet: Packet): number {
  if (packet.length !== undefined) return packet.length;
  return headerBytes(packet) + transportLength(packet);
}

/** Bytes of the IP header, extension headers included. */
export function headerBytes(packet: Packet): number {
  if (packet.family === "inet") return packet.options ? 24 : 20;
  return 40 + (packet.options ? 8 : 0) + (packet.fragment ? 8 : 0);
}

function transportLength(packet: Packet): number {
  const { payload } = packet;
  if (isTcp(packet)) {
    const options = packet.tcpOptions;
    let length = 0;
    if (options !== undefined) {
      if (options.mss !== undefined) length += 4;
      if (options.windowScale !== undefined) length += 3;
      if (options.sackPermitted) length += 2;
      if (options.timestamps !== undefined) length += 10;
    }
    return 20 + ((length + 3) & ~3) + payload.length;
  }
  if (isUdp(packet)) return 8 + payload.length;
  if (isIcmp(packet)) {
    const { quoted } = packet;
    if (quoted === undefined) return 8 + payload.length;
    const whole = packetLength(quoted);
    return (
      8 + payload.length + (packet.family === "inet" ? Math.min(whole, headerBytes(quoted) + QUOTED_BYTES) : whole)
    );
  }
  return payload.length;
}
