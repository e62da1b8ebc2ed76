/**
 * ICMP error messages about a packet, in either family: built, and read back as an errno.
 *
 * @example
 * icmpError("host-unreachable", packet, { source: "10.0.0.1" });
 */

import { type IcmpPacket, isIcmp, type Packet, PROTOCOL } from "../../pf/packet.ts";
import { ipHeaderLength, isIcmpError, packetLength } from "../wire/length.ts";

export type IcmpErrorKind =
  | "net-unreachable"
  | "host-unreachable"
  | "protocol-unreachable"
  | "port-unreachable"
  /** RFC 4443 §3.1; IPv4 knows no scopes. */
  | "beyond-scope"
  | "admin-prohibited"
  | "too-big"
  | "time-exceeded";

/** [type, code]: RFC 792, RFC 1122, RFC 1191, RFC 1812; RFC 4443. */
const CODES: Readonly<Record<IcmpErrorKind, { readonly inet: Pair; readonly inet6: Pair }>> = {
  "net-unreachable": { inet: [3, 0], inet6: [1, 0] },
  "host-unreachable": { inet: [3, 1], inet6: [1, 3] },
  "protocol-unreachable": { inet: [3, 2], inet6: [4, 1] },
  "port-unreachable": { inet: [3, 3], inet6: [1, 4] },
  "beyond-scope": { inet: [3, 1], inet6: [1, 2] },
  "admin-prohibited": { inet: [3, 13], inet6: [1, 1] },
  "too-big": { inet: [3, 4], inet6: [2, 0] },
  "time-exceeded": { inet: [11, 0], inet6: [3, 0] },
};
type Pair = readonly [type: number, code: number];

/** icmp_reflect(): MAXTTL; ip6_defhlim. */
export const ICMP_TTL = { inet: 255, inet6: 64 } as const;
const ICMP_HEADER = 8;
/** icmp_do_error(): an IPv4 error quotes the IP header and 8 bytes. */
const QUOTED_BYTES = 8;
/** RFC 4443 §2.4 (c): an IPv6 error quotes as much as fits into the smallest MTU. */
const INET6_ERROR_LIMIT = 1280;
const EMPTY = new Uint8Array(0);

/** No error message is sent about an error message, or about a fragment other than the first (RFC 1122, 3.2.2). */
export function mayBeReported(packet: Packet): boolean {
  return !(isIcmp(packet) && isIcmpError(packet)) && (packet.fragment?.offset ?? 0) === 0;
}

export function icmpError(
  kind: IcmpErrorKind,
  about: Packet,
  { source, mtu }: { readonly source: string; readonly mtu?: number },
): IcmpPacket {
  return { ...errorAbout(about, source, CODES[kind][about.family]), ...(mtu !== undefined && { mtu }) };
}

/** RFC 792: code 1, for the host; RFC 4861 §4.5: with the target's link address and the packet in units of eight bytes. */
export function icmpRedirect(about: Packet, source: string): IcmpPacket {
  if (about.family === "inet") return errorAbout(about, source, [5, 1]);
  const { quoted: _, ...redirect } = errorAbout(about, source, [137, 0]);
  return { ...redirect, ttl: 255, id: 0, sequence: 0, length: 96 + (wireLength(about) & ~7) };
}

function errorAbout(about: Packet, source: string, [type, code]: Pair): IcmpPacket {
  const { family } = about;
  const inet = family === "inet";
  const whole = wireLength(about);
  const header = ipHeaderLength(about);
  const shown = inet ? Math.min(whole, header + QUOTED_BYTES) : Math.min(whole, INET6_ERROR_LIMIT - 48);
  const payload = inet ? EMPTY : about.payload.subarray(0, Math.max(0, about.payload.length - (whole - shown)));
  return {
    family,
    source,
    destination: about.source,
    ttl: ICMP_TTL[family],
    tos: 0,
    protocol: inet ? PROTOCOL.icmp : PROTOCOL.icmp6,
    type,
    code,
    quoted: { ...about, length: whole, payload },
    length: (inet ? 20 : 40) + ICMP_HEADER + shown,
    payload: EMPTY,
  };
}

/** As it was on the wire where it came from. */
const wireLength = (packet: Packet): number => packet.length ?? packetLength(packet);

/** The error that a message reports; undefined for redirects, source quench and the like. */
export function icmpErrorKind(packet: IcmpPacket): IcmpErrorKind | undefined {
  const inet = packet.protocol === PROTOCOL.icmp;
  for (const [kind, pairs] of Object.entries(CODES)) {
    const [type, code] = inet ? pairs.inet : pairs.inet6;
    if (type === packet.type && code === packet.code) return kind as IcmpErrorKind;
  }
  if (!inet) return packet.type === 1 ? "host-unreachable" : undefined;
  if (packet.type !== 3) return undefined;
  // RFC 1812: 6 net unknown, 11 net unreachable for TOS, 9 and 10 prohibited, the rest concern the host.
  if (packet.code === 6 || packet.code === 11) return "net-unreachable";
  return packet.code === 9 || packet.code === 10 ? "admin-prohibited" : "host-unreachable";
}
