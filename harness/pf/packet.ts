/**
 * A packet as PF sees it: a plain, frozen-by-convention record, the same in the simulator
 * (virtual wires) and in the netns lab (read from a TUN device).
 *
 * Addresses are canonical text (inet_ntop(3) form: `192.0.2.1`, `2001:db8::1`), so that a packet
 * prints, compares and serialises without help. Nothing here knows FTP.
 */

export type Family = "inet" | "inet6";

/** TCP flag bits, in the order in which pf.conf(5) writes them (`FSRPAUEW`). */
export const TCP_FLAG = { F: 0x01, S: 0x02, R: 0x04, P: 0x08, A: 0x10, U: 0x20, E: 0x40, W: 0x80 } as const;

/** IP protocol numbers that PF treats specially. */
export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 } as const;

interface IpHeader {
  readonly family: Family;
  readonly source: string;
  readonly destination: string;
  /** TTL or hop limit. */
  readonly ttl: number;
  /** TOS byte or traffic class. */
  readonly tos: number;
  /** The packet carries IP options (IPv4) or is subject to `allow-opts`. */
  readonly options?: boolean;
  /** Set on every fragment of a datagram; `offset` in bytes. */
  readonly fragment?: { readonly id: number; readonly offset: number; readonly more: boolean };
  /** PF put it together from fragments of at most `largest` bytes each. IPv6 leaves in such parts again. */
  readonly reassembled?: { readonly id: number; readonly largest: number };
  /** IPv4 "don't fragment". */
  readonly dontFragment?: boolean;
  /** IP length in bytes on a wire; absent: computed from the fields. Only counters use it. */
  readonly length?: number;
}

export interface TcpOptions {
  readonly mss?: number;
  /** Shift count of RFC 7323. */
  readonly windowScale?: number;
  readonly sackPermitted?: boolean;
  readonly timestamps?: { readonly value: number; readonly echo: number };
}

export interface TcpPacket extends IpHeader {
  readonly protocol: typeof PROTOCOL.tcp;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Bits of {@link TCP_FLAG}. */
  readonly flags: number;
  /** 32 bits, unsigned. */
  readonly seq: number;
  /** 32 bits, unsigned. */
  readonly ack: number;
  /** As on the wire, not scaled. */
  readonly window: number;
  /** Urgent pointer, when the U flag is set. */
  readonly urgent?: number;
  readonly tcpOptions?: TcpOptions;
  readonly payload: Uint8Array;
}

export interface UdpPacket extends IpHeader {
  readonly protocol: typeof PROTOCOL.udp;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

export interface IcmpPacket extends IpHeader {
  readonly protocol: typeof PROTOCOL.icmp | typeof PROTOCOL.icmp6;
  readonly type: number;
  readonly code: number;
  /** Identifier of echo and similar queries. */
  readonly id?: number;
  readonly sequence?: number;
  /** Next-hop MTU of "packet too big" / "fragmentation needed". */
  readonly mtu?: number;
  /** The packet that an error message quotes. */
  readonly quoted?: Packet;
  readonly payload: Uint8Array;
}

/** Any other IP protocol. */
export interface RawPacket extends IpHeader {
  readonly protocol: number;
  readonly payload: Uint8Array;
}

export type Packet = TcpPacket | UdpPacket | IcmpPacket | RawPacket;

export const isTcp = (packet: Packet): packet is TcpPacket => packet.protocol === PROTOCOL.tcp && "flags" in packet;

export const isUdp = (packet: Packet): packet is UdpPacket =>
  packet.protocol === PROTOCOL.udp && "sourcePort" in packet;

export const isIcmp = (packet: Packet): packet is IcmpPacket =>
  (packet.protocol === PROTOCOL.icmp || packet.protocol === PROTOCOL.icmp6) && "type" in packet;

/** A short form of tcpdump(8)'s line: `tcp 192.0.2.1:20 > 198.51.100.1:50001 S`. */
export function describePacket(packet: Packet): string {
  const at = (address: string, port: number) =>
    packet.family === "inet6" ? `[${address}]:${port}` : `${address}:${port}`;
  if (isTcp(packet)) {
    const flags = Object.entries(TCP_FLAG).filter(([, bit]) => (packet.flags & bit) !== 0);
    const letters = flags.map(([letter]) => letter).join("");
    const size = packet.payload.length === 0 ? "" : ` ${packet.payload.length} bytes`;
    const ends = `${at(packet.source, packet.sourcePort)} > ${at(packet.destination, packet.destinationPort)}`;
    return `tcp ${ends} ${letters === "" ? "none" : letters}${size}`;
  }
  if (isUdp(packet)) {
    return `udp ${at(packet.source, packet.sourcePort)} > ${at(packet.destination, packet.destinationPort)}`;
  }
  if (isIcmp(packet)) return `icmp ${packet.source} > ${packet.destination} type ${packet.type} code ${packet.code}`;
  return `protocol ${packet.protocol} ${packet.source} > ${packet.destination}`;
}
