/**
 * Translates a packet from a real wire: writes the addresses, ports, TTL, TOS, sequence numbers and MSS of `packet`
 * into its bytes, and keeps the rest (SACK blocks, unknown options, the IPv4 identification). Checksums change by the
 * difference (RFC 1624), so a first fragment keeps the checksum of its whole datagram, and a damaged packet stays
 * damaged.
 *
 * `packet` must come from the decoded bytes by translation or normalisation: same family, same
 * protocol, same payload. An ICMP error is encoded again, as its quoted packet may have changed.
 *
 * @example
 * const decision = engine.test("in", "em0", decoded.packet, notes);
 * if (decision.verdict === "pass") tun.write(rewrite(bytes, decision.packet));
 */

import { isIcmp, isTcp, isUdp, type Packet, PROTOCOL, type TcpPacket } from "../../pf/packet.ts";
import { addressBytes } from "./address.ts";
import { adjust, changeOf } from "./checksum.ts";
import { encode } from "./encode.ts";
import { type Bounds, boundsOf, get16 } from "./ip-part.ts";
import { isIcmpError, isIcmpQuery } from "./length.ts";

export const rewrite = (original: Uint8Array, packet: Packet): Uint8Array =>
  rewriteInPlace(new Uint8Array(original), packet);

/** The same in the bytes themselves, unless the packet has to be encoded again. */
export function rewriteInPlace(bytes: Uint8Array, packet: Packet): Uint8Array {
  const ip = boundsOf(bytes);
  if (typeof ip === "string" || ip.family !== packet.family || (isIcmp(packet) && isIcmpError(packet))) {
    return encode(packet);
  }
  const change = new Change(bytes, ip);
  change.network(packet);
  if (isTcp(packet)) change.tcp(packet);
  else if (isUdp(packet)) change.ports(packet.sourcePort, packet.destinationPort);
  else if (isIcmp(packet) && isIcmpQuery(packet)) change.transport16(4, packet.id ?? 0);
  change.finish();
  return bytes;
}

/** Where the checksum is in the transport header. */
const CHECKSUM_AT: Readonly<Record<number, number>> = {
  [PROTOCOL.tcp]: 16,
  [PROTOCOL.udp]: 6,
  [PROTOCOL.icmp]: 2,
  [PROTOCOL.icmp6]: 2,
};

class Change {
  readonly #bytes: Uint8Array;
  readonly #ip: Bounds;
  /** The effect of the changed words on either checksum. */
  #networkChange = 0;
  #transportChange = 0;

  constructor(bytes: Uint8Array, ip: Bounds) {
    this.#bytes = bytes;
    this.#ip = ip;
  }

  network(packet: Packet): void {
    const bytes = this.#bytes;
    const inet = packet.family === "inet";
    if (inet) {
      const flags = get16(bytes, 6);
      this.#networkChange += this.#put(0, (bytes[0]! << 8) | packet.tos);
      this.#networkChange += this.#put(6, packet.dontFragment === true ? flags | 0x4000 : flags & ~0x4000);
      this.#networkChange += this.#put(8, (packet.ttl << 8) | bytes[9]!);
    } else {
      bytes[0] = 0x60 | (packet.tos >> 4);
      bytes[1] = ((packet.tos & 15) << 4) | (bytes[1]! & 15);
      bytes[7] = packet.ttl;
    }
    const addresses =
      this.#address(inet ? 12 : 8, addressBytes(packet.source)) +
      this.#address(inet ? 16 : 24, addressBytes(packet.destination));
    this.#networkChange += addresses;
    // They count in the pseudo header too, except for ICMP of IPv4.
    if (this.#ip.protocol !== PROTOCOL.icmp) this.#transportChange += addresses;
  }

  tcp(packet: TcpPacket): void {
    this.ports(packet.sourcePort, packet.destinationPort);
    this.transport16(4, packet.seq >>> 16);
    this.transport16(6, packet.seq & 0xffff);
    this.transport16(8, packet.ack >>> 16);
    this.transport16(10, packet.ack & 0xffff);
    this.transport16(14, packet.window);
    const { mss } = packet.tcpOptions ?? {};
    const place = mss === undefined ? undefined : this.#mssPlace();
    if (mss !== undefined && place !== undefined) this.transport16(place, mss);
  }

  ports(source: number, destination: number): void {
    this.transport16(0, source);
    this.transport16(2, destination);
  }

  /** Puts a value of two bytes at an offset of the transport header. */
  transport16(offset: number, value: number): void {
    const at = this.#ip.start + offset;
    if (at + 2 > this.#ip.end) return;
    if ((offset & 1) === 0) this.#transportChange += this.#put(at, value);
    else {
      // The checksum counts words from the beginning of the header.
      this.#transportChange += this.#put(at - 1, (this.#bytes[at - 1]! << 8) | (value >> 8));
      this.#transportChange += this.#put(at + 1, ((value & 0xff) << 8) | (this.#bytes[at + 2] ?? 0));
    }
  }

  /** Adjusts the checksums. */
  finish(): void {
    const { family, protocol, start, end, fragment } = this.#ip;
    if (family === "inet") this.#adjust(10, this.#networkChange);
    const place = CHECKSUM_AT[protocol];
    const at = start + (place ?? 0);
    if (place === undefined || at + 2 > end || (fragment?.offset ?? 0) > 0) return;
    const udp = protocol === PROTOCOL.udp;
    // RFC 768: a checksum of zero was never made, and is left so; one that comes out as zero is sent as all ones.
    if (udp && get16(this.#bytes, at) === 0) return;
    this.#adjust(at, this.#transportChange);
    if (udp && get16(this.#bytes, at) === 0) this.#put(at, 0xffff);
  }

  #adjust(at: number, change: number): void {
    this.#put(at, adjust(get16(this.#bytes, at), change));
  }

  #address(offset: number, value: Uint8Array): number {
    let change = 0;
    for (let at = 0; at < value.length; at += 2) change += this.#put(offset + at, get16(value, at));
    return change;
  }

  /** Answers what that does to a checksum. */
  #put(at: number, value: number): number {
    const before = get16(this.#bytes, at);
    if (before === value) return 0;
    this.#bytes[at] = value >> 8;
    this.#bytes[at + 1] = value;
    return changeOf(before, value);
  }

  /** Offset of the MSS value in the transport header. */
  #mssPlace(): number | undefined {
    const { start, end } = this.#ip;
    const stop = Math.min(end, start + (this.#bytes[start + 12]! >> 4) * 4);
    for (let at = start + 20; at < stop; ) {
      const kind = this.#bytes[at]!;
      if (kind === 2) return at + 2 - start;
      if (kind === 0) return undefined;
      at += kind === 1 ? 1 : Math.max(2, this.#bytes[at + 1] ?? 0);
    }
    return undefined;
  }
}
