/**
 * Translates a packet from a real wire: answers its bytes with what `packet` says of addresses,
 * ports, TTL, TOS, sequence numbers and MSS, and everything else as it was (SACK blocks, unknown
 * options, the IPv4 identification). Checksums are adjusted by the difference (RFC 1624), so a first
 * fragment keeps the checksum of its whole datagram, and a packet that was damaged stays damaged.
 *
 * `packet` must come from the decoded bytes by translation or normalisation: same family, same
 * protocol, same payload. An ICMP error is encoded anew, as its quoted packet may have changed.
 *
 * @example
 * const decision = engine.test("in", "em0", decoded.packet, notes);
 * if (decision.verdict === "pass") tun.write(rewrite(bytes, decision.packet));
 */

import { isIcmp, isTcp, isUdp, type Packet, PROTOCOL, type TcpPacket } from "../pf/packet.ts";
import { addressBytes } from "./address.ts";
import { adjust } from "./checksum.ts";
import { encode } from "./encode.ts";
import { get16, type IpPart, ipPart } from "./ip-part.ts";
import { isIcmpError, isIcmpQuery } from "./length.ts";

export function rewrite(original: Uint8Array, packet: Packet): Uint8Array {
  const ip = ipPart(original);
  if (typeof ip === "string" || ip.header.family !== packet.family || (isIcmp(packet) && isIcmpError(packet))) {
    return encode(packet);
  }
  const bytes = new Uint8Array(original);
  const change = new Change(bytes, ip);
  change.network(packet);
  if (isTcp(packet)) change.tcp(packet);
  else if (isUdp(packet)) change.ports(packet.sourcePort, packet.destinationPort);
  else if (isIcmp(packet) && isIcmpQuery(packet)) change.transport(4, word(packet.id ?? 0));
  return bytes;
}

const word = (value: number): Uint8Array => Uint8Array.of(value >> 8, value);
const long = (value: number): Uint8Array => Uint8Array.of(value >> 24, value >> 16, value >> 8, value);

/** Where in the transport header its checksum stands. */
const CHECKSUM_AT: Readonly<Record<number, number>> = {
  [PROTOCOL.tcp]: 16,
  [PROTOCOL.udp]: 6,
  [PROTOCOL.icmp]: 2,
  [PROTOCOL.icmp6]: 2,
};

class Change {
  readonly #bytes: Uint8Array;
  readonly #ip: IpPart;
  /** Place of the transport checksum; undefined when there is none in this packet. */
  readonly #checksum: number | undefined;

  constructor(bytes: Uint8Array, ip: IpPart) {
    this.#bytes = bytes;
    this.#ip = ip;
    const at = CHECKSUM_AT[ip.protocol];
    const here = at !== undefined && (ip.header.fragment?.offset ?? 0) === 0 && ip.start + at + 2 <= ip.end;
    const place = here ? ip.start + at : undefined;
    // RFC 768: a UDP checksum of zero was never made, and is left so.
    const none = place !== undefined && ip.protocol === PROTOCOL.udp && get16(bytes, place) === 0;
    this.#checksum = none ? undefined : place;
  }

  network(packet: Packet): void {
    const inet = packet.family === "inet";
    if (inet) {
      this.#header(1, Uint8Array.of(packet.tos));
      this.#header(8, Uint8Array.of(packet.ttl));
      const flags = get16(this.#bytes, 6);
      this.#header(6, word(packet.dontFragment === true ? flags | 0x4000 : flags & ~0x4000));
    } else {
      this.#bytes[0] = 0x60 | (packet.tos >> 4);
      this.#bytes[1] = ((packet.tos & 15) << 4) | (this.#bytes[1]! & 15);
      this.#bytes[7] = packet.ttl;
    }
    // The addresses count in the pseudo header too, except for ICMP of IPv4.
    const pseudo = this.#ip.protocol !== PROTOCOL.icmp;
    this.#address(inet ? 12 : 8, addressBytes(packet.source), pseudo);
    this.#address(inet ? 16 : 24, addressBytes(packet.destination), pseudo);
  }

  tcp(packet: TcpPacket): void {
    this.ports(packet.sourcePort, packet.destinationPort);
    this.transport(4, long(packet.seq));
    this.transport(8, long(packet.ack));
    this.transport(14, word(packet.window));
    const { mss } = packet.tcpOptions ?? {};
    const place = mss === undefined ? undefined : this.#mssPlace();
    if (mss !== undefined && place !== undefined) this.transport(place, word(mss));
  }

  ports(source: number, destination: number): void {
    this.transport(0, word(source));
    this.transport(2, word(destination));
  }

  /** Puts bytes at an offset of the transport header. */
  transport(offset: number, value: Uint8Array): void {
    const at = this.#ip.start + offset;
    if (at + value.length > this.#ip.end) return;
    // The checksum counts words from the beginning of the header: an odd place is widened.
    const from = at - (offset & 1);
    const to = at + value.length + ((offset + value.length) & 1);
    const before = this.#bytes.slice(from, to);
    this.#bytes.set(value, at);
    this.#adjust(this.#checksum, before, this.#bytes.slice(from, to));
  }

  #header(offset: number, value: Uint8Array): void {
    const from = offset - (offset & 1);
    const to = offset + value.length + ((offset + value.length) & 1);
    const before = this.#bytes.slice(from, to);
    this.#bytes.set(value, offset);
    this.#adjust(10, before, this.#bytes.slice(from, to));
  }

  #address(offset: number, value: Uint8Array, pseudo: boolean): void {
    const before = this.#bytes.slice(offset, offset + value.length);
    this.#bytes.set(value, offset);
    if (value.length === 4) this.#adjust(10, before, value);
    if (pseudo) this.#adjust(this.#checksum, before, value);
  }

  #adjust(place: number | undefined, before: Uint8Array, after: Uint8Array): void {
    if (place === undefined || before.every((byte, index) => byte === after[index])) return;
    const changed = adjust(get16(this.#bytes, place), before, after);
    // A UDP checksum that comes out as zero is sent as all ones.
    const value = this.#ip.protocol === PROTOCOL.udp && place === this.#checksum && changed === 0 ? 0xffff : changed;
    this.#bytes.set(word(value), place);
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
