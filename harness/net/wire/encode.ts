/**
 * Packet records to bytes as on a raw IP wire (LINKTYPE_RAW, TUN without header), with
 * correct lengths and checksums. Pure; the inverse is decode.ts.
 *
 * Fields that a record lacks get a fixed form: the IPv4 identification of an unfragmented packet is 0
 * (RFC 6864 allows it), `options` becomes a router alert, TCP options have the order of
 * Linux. The checksum of a first fragment covers that fragment only: a record does not
 * know the rest. To change a packet that came from a real wire, use rewrite.ts.
 *
 * @example
 * const bytes = encode({ family: "inet", protocol: PROTOCOL.udp, ... });
 */

import { type IcmpPacket, isIcmp, isTcp, isUdp, type Packet, PROTOCOL, type TcpPacket } from "../../pf/packet.ts";
import { addressBytes } from "./address.ts";
import { finish, sum } from "./checksum.ts";
import { put16 } from "./ip-part.ts";
import { ipHeaderLength, isIcmpError, isIcmpQuery, packetLength, tcpOptionsLength, UDP_HEADER } from "./length.ts";

export function encode(packet: Packet): Uint8Array {
  const bytes = new Uint8Array(packetLength(packet));
  write(bytes, 0, packet);
  return bytes;
}

/** Writes the packet at `at`; the room must be there. */
function write(out: Uint8Array, at: number, packet: Packet): void {
  const end = at + packetLength(packet);
  const transport = at + ipHeaderLength(packet);
  if (packet.family === "inet") writeInetHeader(out, at, end, packet);
  else writeInet6Header(out, at, end, packet);
  const pseudo = pseudoHeaderSum(packet, end - transport);
  if (isTcp(packet)) writeTcp(out, transport, end, packet, pseudo);
  else if (isUdp(packet)) {
    put16(out, transport, packet.sourcePort);
    put16(out, transport + 2, packet.destinationPort);
    put16(out, transport + 4, end - transport);
    out.set(packet.payload, transport + UDP_HEADER);
    // RFC 768: a computed zero is sent as all ones.
    put16(out, transport + 6, finish(sum(out, transport, end, pseudo)) || 0xffff);
  } else if (isIcmp(packet)) writeIcmp(out, transport, end, packet, pseudo);
  else out.set(packet.payload, transport);
}

function writeInetHeader(out: Uint8Array, at: number, end: number, packet: Packet): void {
  const header = ipHeaderLength(packet);
  out[at] = 0x40 | (header >> 2);
  out[at + 1] = packet.tos;
  put16(out, at + 2, end - at);
  put16(out, at + 4, packet.fragment?.id ?? packet.reassembled?.id ?? 0);
  const more = packet.fragment?.more === true ? 0x2000 : 0;
  put16(out, at + 6, (packet.dontFragment === true ? 0x4000 : 0) | more | ((packet.fragment?.offset ?? 0) >> 3));
  out[at + 8] = packet.ttl;
  out[at + 9] = packet.protocol;
  out.set(addressBytes(packet.source), at + 12);
  out.set(addressBytes(packet.destination), at + 16);
  if (packet.options === true) out.set([0x94, 4, 0, 0], at + 20);
  put16(out, at + 10, finish(sum(out, at, at + header)));
}

function writeInet6Header(out: Uint8Array, at: number, end: number, packet: Packet): void {
  out[at] = 0x60 | (packet.tos >> 4);
  out[at + 1] = (packet.tos & 15) << 4;
  put16(out, at + 4, end - at - 40);
  out[at + 7] = packet.ttl;
  out.set(addressBytes(packet.source), at + 8);
  out.set(addressBytes(packet.destination), at + 24);
  let next = at + 6;
  let place = at + 40;
  if (packet.options === true) {
    out[next] = 0;
    // RFC 2711: hop-by-hop header with a router alert and PadN.
    out.set([0, 0, 5, 2, 0, 0, 1, 0], place);
    next = place;
    place += 8;
  }
  if (packet.fragment !== undefined) {
    out[next] = 44;
    put16(out, place + 2, packet.fragment.offset | (packet.fragment.more ? 1 : 0));
    put32(out, place + 4, packet.fragment.id);
    next = place;
  }
  out[next] = packet.protocol;
}

function writeTcp(out: Uint8Array, at: number, end: number, packet: TcpPacket, pseudo: number): void {
  const options = tcpOptionsLength(packet.tcpOptions);
  put16(out, at, packet.sourcePort);
  put16(out, at + 2, packet.destinationPort);
  put32(out, at + 4, packet.seq);
  put32(out, at + 8, packet.ack);
  out[at + 12] = (20 + options) << 2;
  out[at + 13] = packet.flags;
  put16(out, at + 14, packet.window);
  put16(out, at + 18, packet.urgent ?? 0);
  writeTcpOptions(out, at + 20, packet);
  out.set(packet.payload, at + 20 + options);
  put16(out, at + 16, finish(sum(out, at, end, pseudo)));
}

function writeTcpOptions(out: Uint8Array, at: number, packet: TcpPacket): void {
  const { mss, windowScale, sackPermitted, timestamps } = packet.tcpOptions ?? {};
  let place = at;
  const end = at + tcpOptionsLength(packet.tcpOptions);
  if (mss !== undefined) {
    out.set([2, 4, mss >> 8, mss & 0xff], place);
    place += 4;
  }
  if (sackPermitted === true) {
    out.set([4, 2], place);
    place += 2;
  }
  if (timestamps !== undefined) {
    out.set([8, 10], place);
    put32(out, place + 2, timestamps.value);
    put32(out, place + 6, timestamps.echo);
    place += 10;
  }
  if (windowScale !== undefined) {
    out.set([3, 3, windowScale], place);
    place += 3;
  }
  out.fill(1, place, end);
}

function writeIcmp(out: Uint8Array, at: number, end: number, packet: IcmpPacket, pseudo: number): void {
  out[at] = packet.type;
  out[at + 1] = packet.code;
  if (isIcmpQuery(packet)) {
    put16(out, at + 4, packet.id ?? 0);
    put16(out, at + 6, packet.sequence ?? 0);
  } else if (isIcmpError(packet)) {
    // RFC 1191 has 16 bits after two unused bytes, RFC 4443 has 32.
    put32(out, at + 4, packet.mtu ?? 0);
  }
  let place = at + 8;
  if (packet.quoted !== undefined) {
    write(out, place, packet.quoted);
    place += packetLength(packet.quoted);
  }
  out.set(packet.payload, place);
  put16(out, at + 2, finish(sum(out, at, end, packet.protocol === PROTOCOL.icmp6 ? pseudo : 0)));
}

/** RFC 9293 and RFC 8200: addresses, length and protocol as if they stood before the transport header. */
function pseudoHeaderSum(packet: Packet, length: number): number {
  const source = addressBytes(packet.source);
  const destination = addressBytes(packet.destination);
  return sum(destination, 0, destination.length, sum(source, 0, source.length, packet.protocol + length));
}

function put32(out: Uint8Array, at: number, value: number): void {
  put16(out, at, value >>> 16);
  put16(out, at + 2, value & 0xffff);
}
