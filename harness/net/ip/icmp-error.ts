/**
 * ICMP error messages about a packet, in either family: built, and read back as an errno.
 *
 * @example
 * icmpError("host-unreachable", packet, { source: "10.0.0.1" });
 */

import { type IcmpPacket, isIcmp, type Packet, PROTOCOL } from "../../pf/packet.ts";
import { isIcmpError } from "../wire/length.ts";

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

/** What the kernel's networking initialises; ip(4) default on OpenBSD is 64 for IPv4, RFC 1700. */
const DEFAULT_TTL = 64;

/** No error message is sent about an error message, or about a fragment other than the first (RFC 1122, 3.2.2). */
export function mayBeReported(packet: Packet): boolean {
  return !(isIcmp(packet) && isIcmpError(packet)) && (packet.fragment?.offset ?? 0) === 0;
}

export function icmpError(
  kind: IcmpErrorKind,
  about: Packet,
  options: { readonly source: string; readonly mtu?: number },
): IcmpPacket {
  const [type, code] = CODES[kind][about.family];
  return {
    family: about.family,
    source: options.source,
    destination: about.source,
    ttl: DEFAULT_TTL,
    tos: 0,
    protocol: about.family === "inet" ? PROTOCOL.icmp : PROTOCOL.icmp6,
    type,
    code,
    ...(options.mtu !== undefined && { mtu: options.mtu }),
    quoted: { ...about, payload: new Uint8Array(0) },
    payload: new Uint8Array(0),
  };
}

/** Which error a message tells; undefined for redirects, source quench and the like. */
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
