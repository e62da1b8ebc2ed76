/**
 * The length of a packet on the wire, without encoding it: for the counters of links, and against an MTU.
 *
 * @example
 * packetLength(syn) > mtu
 */

import { type IcmpPacket, isIcmp, isTcp, isUdp, type Packet, type TcpOptions } from "../../pf/packet.ts";

export const IPV4_HEADER = 20;
export const IPV6_HEADER = 40;
export const TCP_HEADER = 20;
export const UDP_HEADER = 8;
const ICMP_HEADER = 8;
/** Router alert: the option that represents "has IP options" (RFC 2113), and its IPv6 header (RFC 2711). */
const IPV4_ROUTER_ALERT = 4;
const IPV6_HOP_BY_HOP = 8;
const IPV6_FRAGMENT_HEADER = 8;

/** ICMP types whose header holds identifier and sequence number. */
export function isIcmpQuery(packet: { readonly protocol: number; readonly type: number }): boolean {
  // RFC 792: echo, timestamp, information, (RFC 950) mask; RFC 4443: 128 and 129.
  return packet.protocol === 1
    ? [0, 8, 13, 14, 15, 16, 17, 18].includes(packet.type)
    : packet.type === 128 || packet.type === 129;
}

/** ICMP types that quote the packet they are about. */
export function isIcmpError(packet: { readonly protocol: number; readonly type: number }): boolean {
  // RFC 792: unreachable, source quench, redirect, time exceeded, parameter problem; RFC 4443: 1 to 4.
  return packet.protocol === 1 ? [3, 4, 5, 11, 12].includes(packet.type) : packet.type >= 1 && packet.type <= 4;
}

export function ipHeaderLength(packet: Packet): number {
  if (packet.family === "inet") return IPV4_HEADER + (packet.options === true ? IPV4_ROUTER_ALERT : 0);
  return (
    IPV6_HEADER +
    (packet.options === true ? IPV6_HOP_BY_HOP : 0) +
    (packet.fragment !== undefined ? IPV6_FRAGMENT_HEADER : 0)
  );
}

/** A multiple of four. */
export function tcpOptionsLength(options: TcpOptions | undefined): number {
  if (options === undefined) return 0;
  let length = 0;
  if (options.mss !== undefined) length += 4;
  if (options.windowScale !== undefined) length += 3;
  if (options.sackPermitted === true) length += 2;
  if (options.timestamps !== undefined) length += 10;
  return (length + 3) & ~3;
}

export function transportLength(packet: Packet): number {
  if (isTcp(packet)) return TCP_HEADER + tcpOptionsLength(packet.tcpOptions) + packet.payload.length;
  if (isUdp(packet)) return UDP_HEADER + packet.payload.length;
  if (isIcmp(packet)) return ICMP_HEADER + icmpBodyLength(packet);
  return packet.payload.length;
}

function icmpBodyLength(packet: IcmpPacket): number {
  const quoted = packet.quoted === undefined ? 0 : packetLength(packet.quoted);
  return quoted + packet.payload.length;
}

export const packetLength = (packet: Packet): number => ipHeaderLength(packet) + transportLength(packet);
