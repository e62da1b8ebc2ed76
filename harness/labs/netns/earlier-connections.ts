/**
 * Connections of earlier plays: a kernel repeats data that stays unacknowledged, after the play has ended. Many plays
 * share the namespaces, so a reset answers such packets and no later play sees them.
 */

import { isIcmp, isTcp, type Packet, TCP_FLAG, type TcpPacket } from "../../pf/packet.ts";

/** Connections remembered; the oldest are forgotten first. */
const MEMORY = 5_000;

export class EarlierConnections {
  /** Connections of the current play, and of those before. */
  #current = new Set<string>();
  #old = new Set<string>();

  /** The play has ended: its connections count as earlier ones from now on. */
  endPlay(): void {
    for (const one of this.#current) this.#old.add(one);
    this.#current = new Set();
    for (const one of this.#old) {
      if (this.#old.size <= MEMORY) break;
      this.#old.delete(one);
    }
  }

  /** The answer to a packet of an earlier connection. Undefined: the packet belongs to this play. */
  answer(packet: Packet): TcpPacket | "silence" | undefined {
    if (!isTcp(packet)) return this.#quotesOld(packet) ? "silence" : undefined;
    const synchronises = (packet.flags & TCP_FLAG.S) !== 0;
    if (!synchronises && this.#old.size === 0) return undefined;
    const key = keyOf(packet);
    if (synchronises && (packet.flags & TCP_FLAG.A) === 0) this.#old.delete(key);
    if (this.#old.has(key)) return (packet.flags & TCP_FLAG.R) !== 0 ? "silence" : resetFor(packet);
    if (synchronises) this.#current.add(key);
    return undefined;
  }

  /** A connection of this play begins on a wire, translated perhaps: an old one of that name has ended. */
  begins(packet: Packet): void {
    if (this.#old.size > 0 && isTcp(packet) && (packet.flags & TCP_FLAG.S) !== 0) this.#old.delete(keyOf(packet));
  }

  #quotesOld(packet: Packet): boolean {
    if (!isIcmp(packet) || packet.quoted === undefined || !isTcp(packet.quoted)) return false;
    return this.#old.has(keyOf(packet.quoted));
  }
}

/** The same in both directions. */
function keyOf({ source, sourcePort, destination, destinationPort }: TcpPacket): string {
  const [one, other] = [`${source} ${sourcePort}`, `${destination} ${destinationPort}`];
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

/** RFC 9293 §3.10.7.1, with what the packet acknowledges as the sequence number. */
function resetFor(packet: TcpPacket): TcpPacket {
  return {
    family: packet.family,
    source: packet.destination,
    destination: packet.source,
    ttl: 64,
    tos: 0,
    protocol: packet.protocol,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
    flags: TCP_FLAG.R,
    seq: packet.ack,
    ack: 0,
    window: 0,
    payload: new Uint8Array(0),
  };
}
