/**
 * A packet while it is tested: where it is, its current (translated) ends, and what is to be rewritten, as the kernel's
 * `struct pf_pdesc`. A description lives for one test.
 */

import type { PacketNotes } from "../decision.ts";
import { type Family, isIcmp, isTcp, isUdp, type Packet, PROTOCOL, TCP_FLAG, type TcpPacket } from "../packet.ts";
import type { Direction } from "../rule.ts";
import { type Address, addressOf } from "./tables/address.ts";

/** In place of the protocol of a fragment whose datagram was not reassembled. */
export const FRAGMENT = 256;

/** ip.h: IPTOS_ECN_MASK; rules see the TOS byte without it. */
export const ECN_MASK = 0x03;

type Changes = { -readonly [K in keyof TcpPacket]?: TcpPacket[K] } & {
  id?: number;
  type?: number;
  code?: number;
  mtu?: number;
  quoted?: Packet;
};

export class Description {
  readonly direction: Direction;
  readonly interface: string;
  readonly packet: Packet;
  readonly notes: PacketNotes;
  readonly family: Family;
  /** Family that the packet will have (af-to). */
  newFamily: Family;
  protocol: number;
  /** The protocol, or FRAGMENT. */
  readonly virtualProtocol: number;
  /** Ends as translated so far. */
  newSource: string;
  newDestination: string;
  /** Ports of the packet; for ICMP, identifier and type. */
  sourcePort = 0;
  destinationPort = 0;
  newSourcePort = 0;
  newDestinationPort = 0;
  /** Which slot of a state key is the source's. */
  readonly sourceIndex: 0 | 1;
  readonly rdomain: number;
  readonly length: number;
  readonly tos: number;
  /** TCP only. */
  readonly tcp: TcpPacket | undefined;
  /** TCP flags after normalisation. */
  flags = 0;
  payloadLength = 0;
  /** The destination (or its routing domain) is no longer the one that the router saw. */
  destinationChanged = false;
  /** Packets that PF itself sends because of this one, ready to be routed. */
  readonly answers: Packet[] = [];
  /** The ends of the state's far side, which the packet takes on. */
  #rewritten = false;
  #changes: Changes | undefined;
  #source: Address | undefined;
  #destination: Address | undefined;

  constructor(direction: Direction, interfaceName: string, packet: Packet, notes: PacketNotes) {
    this.direction = direction;
    this.interface = interfaceName;
    this.packet = packet;
    this.notes = notes;
    this.family = packet.family;
    this.newFamily = packet.family;
    this.protocol = packet.protocol;
    this.virtualProtocol = packet.fragment === undefined ? packet.protocol : FRAGMENT;
    this.newSource = packet.source;
    this.newDestination = packet.destination;
    this.sourceIndex = direction === "in" ? 0 : 1;
    this.rdomain = notes.rtable ?? 0;
    this.length = packetLength(packet);
    this.tos = packet.tos & ~ECN_MASK;
    this.tcp = undefined;
    if (this.virtualProtocol === PROTOCOL.tcp && isTcp(packet)) {
      this.tcp = packet;
      this.flags = packet.flags;
      this.payloadLength = packet.payload.length;
      this.sourcePort = packet.sourcePort;
      this.destinationPort = packet.destinationPort;
    } else if (this.virtualProtocol === PROTOCOL.udp && isUdp(packet)) {
      this.sourcePort = packet.sourcePort;
      this.destinationPort = packet.destinationPort;
    }
    this.newSourcePort = this.sourcePort;
    this.newDestinationPort = this.destinationPort;
  }

  /** The current source and destination, parsed once for each translation. */
  get newSourceAddress(): Address {
    if (this.#source?.text !== this.newSource) this.#source = addressOf(this.newSource);
    return this.#source as Address;
  }

  get newDestinationAddress(): Address {
    if (this.#destination?.text !== this.newDestination) this.#destination = addressOf(this.newDestination);
    return this.#destination as Address;
  }

  get destinationIndex(): 0 | 1 {
    return this.sourceIndex === 0 ? 1 : 0;
  }

  get icmp() {
    return this.virtualProtocol !== FRAGMENT && isIcmp(this.packet) ? this.packet : undefined;
  }

  /** Rewrites fields of the packet. */
  change(changes: Changes): void {
    if (this.#changes === undefined) this.#changes = changes;
    else Object.assign(this.#changes, changes);
  }

  /** Rewrites both ends of a TCP or UDP packet. */
  changeEnds(source: string, destination: string, sourcePort: number, destinationPort: number): void {
    this.newSource = source;
    this.newDestination = destination;
    this.newSourcePort = sourcePort;
    this.newDestinationPort = destinationPort;
    this.#rewritten = true;
  }

  /** The rewritten packet; the same object if nothing changed. */
  result(): Packet {
    const { packet } = this;
    let result = packet;
    if (this.#rewritten) {
      result = this.tcp === undefined ? { ...packet, ...this.#ends() } : this.#segment(this.tcp);
    }
    if (this.#changes === undefined) return result;
    // V8 clones one object fast and merges two slowly: first a copy, then its fields.
    return Object.assign(result === packet ? { ...packet } : result, this.#changes) as Packet;
  }

  #ends() {
    return {
      source: this.newSource,
      destination: this.newDestination,
      sourcePort: this.newSourcePort,
      destinationPort: this.newDestinationPort,
    };
  }

  /** Field by field: all copies have one shape, which V8 makes faster than a spread. */
  #segment(tcp: TcpPacket): TcpPacket {
    const copy: { [K in keyof TcpPacket]: TcpPacket[K] | undefined } = {
      family: tcp.family,
      source: this.newSource,
      destination: this.newDestination,
      ttl: tcp.ttl,
      tos: tcp.tos,
      options: tcp.options,
      fragment: tcp.fragment,
      reassembled: tcp.reassembled,
      dontFragment: tcp.dontFragment,
      length: tcp.length,
      protocol: tcp.protocol,
      sourcePort: this.newSourcePort,
      destinationPort: this.newDestinationPort,
      flags: tcp.flags,
      seq: tcp.seq,
      ack: tcp.ack,
      window: tcp.window,
      urgent: tcp.urgent,
      tcpOptions: tcp.tcpOptions,
      payload: tcp.payload,
    };
    return copy as TcpPacket;
  }
}

/** RFC 792 and icmp_do_error() of OpenBSD: an IPv4 error quotes the IP header and 8 bytes. */
const QUOTED_BYTES = 8;

/** Bytes on the wire: what rules, states and tables count. A packet from a wire carries its `length`. */
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

/** False for flags that no honest stack sends together: dropped, reason normalize. SYN with FIN goes on as SYN. */
export function normalizeTcp(description: Description): boolean {
  const { F, S, R, P, A, U } = TCP_FLAG;
  let { flags } = description;
  if (flags & S) {
    if (flags & R) return false;
    flags &= ~F;
  } else if (!(flags & (A | R))) return false;
  // Only valid together with an acknowledgement.
  if (!(flags & A) && flags & (F | P | U)) return false;
  if (flags !== description.flags) {
    description.flags = flags;
    description.change({ flags });
  }
  return true;
}
