/**
 * Packets that PF itself sends: resets, ICMP errors, the SYN proxy's half of a handshake.
 */

import { type Family, isIcmp, type Packet, PROTOCOL, TCP_FLAG, type TcpPacket } from "../packet.ts";
import type { Description } from "./description.ts";
import type { Kernel } from "./kernel.ts";
import { headerBytes, packetLength } from "./packet-length.ts";
import { addressOf, isMulticast } from "./tables/address.ts";

/** ip_var.h: IPDEFTTL; IPV6_DEFHLIM. */
const DEFAULT_TTL = 64;
/** icmp_reflect(): MAXTTL for IPv4; ip6_defhlim for IPv6. */
const ICMP_TTL = { inet: 255, inet6: 64 } as const;
/** ip.h: IPTOS_LOWDELAY, on every IPv4 TCP packet that PF makes. */
const LOW_DELAY = 0x10;
/** An ICMPv6 error is cut to the minimum MTU (RFC 4443, 2.4 c), an IPv4 one quotes 8 bytes of payload. */
const QUOTED_BYTES = 8;

const EMPTY = new Uint8Array(0);

export interface TcpSketch {
  readonly family: Family;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly window?: number;
  readonly mss?: number;
  readonly ttl?: number | undefined;
}

export function tcpPacket(sketch: TcpSketch): TcpPacket {
  const { family, mss } = sketch;
  return {
    family,
    source: sketch.source,
    destination: sketch.destination,
    ttl: family === "inet" ? (sketch.ttl ?? DEFAULT_TTL) : DEFAULT_TTL,
    tos: family === "inet" ? LOW_DELAY : 0,
    ...(family === "inet" && { dontFragment: true }),
    protocol: PROTOCOL.tcp,
    sourcePort: sketch.sourcePort,
    destinationPort: sketch.destinationPort,
    flags: sketch.flags,
    seq: sketch.seq >>> 0,
    ack: sketch.ack >>> 0,
    window: sketch.window ?? 0,
    ...(mss !== undefined && mss > 0 && { tcpOptions: { mss } }),
    payload: EMPTY,
  };
}

/** An answer to the packet's sender, from where the packet was going. */
export function tcpAnswer(
  { packet, tcp }: Description,
  fields: Pick<TcpSketch, "seq" | "ack" | "flags" | "window" | "mss" | "ttl">,
): TcpPacket {
  return tcpPacket({
    family: packet.family,
    source: packet.destination,
    destination: packet.source,
    sourcePort: tcp?.destinationPort ?? 0,
    destinationPort: tcp?.sourcePort ?? 0,
    ...fields,
  });
}

/** The reset of `block return`: acknowledges all of the packet. */
export function resetFor(description: Description, ttl: number | undefined): TcpPacket {
  const { flags, payloadLength, tcp } = description;
  let ack = (tcp?.seq ?? 0) + payloadLength;
  if (flags & TCP_FLAG.S) ack++;
  if (flags & TCP_FLAG.F) ack++;
  return tcpAnswer(description, { seq: tcp?.ack ?? 0, ack, flags: TCP_FLAG.R | TCP_FLAG.A, ttl });
}

/** ICMP types that ask for something: errors about others are not sent (RFC 1122, 3.2.2). */
const INET_INFORMATIONAL = new Set([0, 8, 10, 9, 13, 14, 15, 16, 17, 18]);

/** An ICMP error about the packet, or undefined where none may be sent. */
export function icmpError(kernel: Kernel, description: Description, type: number, code: number): Packet | undefined {
  const packet = description.result();
  const { family } = packet;
  if ((packet.fragment?.offset ?? 0) !== 0) return undefined;
  if (isMulticast(addressOf(packet.destination)) || isMulticast(addressOf(packet.source))) return undefined;
  if (isIcmp(packet)) {
    const informational =
      family === "inet" ? INET_INFORMATIONAL.has(packet.type) : packet.type >= 128 && packet.type !== 137;
    if (!informational) return undefined;
  }
  const source = kernel.interfaces.answerAddress(packet.destination, packet.source, description.rdomain);
  if (source === undefined) return undefined;
  const whole = packetLength(packet);
  const quotedBytes = family === "inet" ? Math.min(whole, headerBytes(packet) + QUOTED_BYTES) : whole;
  return {
    family,
    source,
    destination: packet.source,
    ttl: ICMP_TTL[family],
    tos: 0,
    protocol: family === "inet" ? PROTOCOL.icmp : PROTOCOL.icmp6,
    type,
    code,
    quoted: family === "inet" ? { ...packet, length: whole, payload: EMPTY } : packet,
    length: (family === "inet" ? 28 : 48) + quotedBytes,
    payload: EMPTY,
  };
}
