/**
 * Packets that PF itself sends: the reset or ICMP error of `block return`, and the SYN proxy's half of a handshake.
 */

import { PORT_UNREACHABLE, UNREACHABLE } from "../language/names/icmp.ts";
import { type Family, isIcmp, type Packet, PROTOCOL, TCP_FLAG, type TcpPacket } from "../packet.ts";
import { type Description, FRAGMENT, headerBytes, packetLength } from "./description.ts";
import type { Kernel } from "./kernel.ts";
import type { LoadedRule } from "./rules/loaded-rule.ts";
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

/** An answer to the packet's sender, from the packet's destination. */
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

/** The reset of `block return`, which acknowledges the whole packet. */
export function resetFor(description: Description, ttl: number | undefined): TcpPacket {
  const { flags, payloadLength, tcp } = description;
  let ack = (tcp?.seq ?? 0) + payloadLength;
  if (flags & TCP_FLAG.S) ack++;
  if (flags & TCP_FLAG.F) ack++;
  return tcpAnswer(description, { seq: tcp?.ack ?? 0, ack, flags: TCP_FLAG.R | TCP_FLAG.A, ttl });
}

/** An ICMP error about the packet, or undefined where none may be sent. */
export function icmpError(kernel: Kernel, description: Description, type: number, code: number): Packet | undefined {
  const packet = description.result();
  const { family } = packet;
  if ((packet.fragment?.offset ?? 0) !== 0) return undefined;
  if (isMulticast(addressOf(packet.destination)) || isMulticast(addressOf(packet.source))) return undefined;
  if (isIcmp(packet) && !mayBeAnswered(family, packet.type)) return undefined;
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

/** The answer to a blocked packet's sender: a reset, an ICMP error, or none, as the rule says. */
export function answerBlocked(kernel: Kernel, description: Description, rule: LoadedRule): Packet | undefined {
  const answer = rule.filter?.answer;
  if (answer === undefined || answer.kind === "drop" || description.virtualProtocol === FRAGMENT) return undefined;
  const { family, protocol, flags, packet } = description;
  const resets = answer.kind === "return" || answer.kind === "return-rst";
  if (resets && protocol === PROTOCOL.tcp && !(flags & TCP_FLAG.R)) {
    return resetFor(description, answer.kind === "return-rst" ? answer.ttl : undefined);
  }
  if (answer.kind === "return-rst") return undefined;
  if (isIcmp(packet) && !mayBeAnswered(family, packet.type)) return undefined;
  const given = answer.kind === "return-icmp" ? answer : undefined;
  return family === "inet"
    ? icmpError(kernel, description, UNREACHABLE.inet, given?.code ?? PORT_UNREACHABLE.inet)
    : icmpError(kernel, description, given?.type6 ?? UNREACHABLE.inet6, given?.code6 ?? PORT_UNREACHABLE.inet6);
}

/**
 * Whether an ICMP error may be sent about an ICMP message of this type (RFC 1122, 3.2.2).
 * ip_icmp.h: ICMP_INFOTYPE(); pf.c for IPv6: from echo request on, except redirects.
 */
function mayBeAnswered(family: "inet" | "inet6", type: number): boolean {
  if (family === "inet6") return type >= 128 && type !== 137;
  return type === 0 || type === 8 || type === 9 || type === 10 || (type >= 13 && type <= 18);
}
