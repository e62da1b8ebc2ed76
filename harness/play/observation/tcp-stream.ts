/**
 * One way of a TCP connection, reassembled from its packets as a listener on the wire sees them: drops retransmissions,
 * keeps early segments until the gap is filled.
 *
 * It begins after a SYN. Several SYNs may have different sequence numbers, when a firewall has dropped a SYN+ACK and
 * reset its sender. The one whose next byte arrives counts, since only that one was let through.
 */

import { TCP_FLAG, type TcpPacket } from "../../pf/packet.ts";

/** Signed distance of two sequence numbers, RFC 9293 §3.4. */
const distance = (from: number, to: number): number => (to - from) | 0;

/** Bytes that are in order now. */
export interface InOrder {
  readonly bytes: Uint8Array;
  /** Offsets of urgent bytes among them (RFC 9293 §3.8.5), which a receiver without SO_OOBINLINE does not read inline. */
  readonly urgentAt: readonly number[];
}

export class TcpStream {
  /** Possible first bytes: one after each SYN. */
  readonly #starts = new Set<number>();
  #next: number | undefined;
  readonly #early = new Map<number, Uint8Array>();
  readonly #urgent = new Set<number>();
  readonly #ends = new Set<number>();
  /** A FIN has come, and every byte before it. */
  finished = false;

  /** Takes a packet; returns the bytes that are in order now. */
  add(packet: TcpPacket): InOrder[] {
    const syn = (packet.flags & TCP_FLAG.S) !== 0;
    const start = (packet.seq + (syn ? 1 : 0)) >>> 0;
    if (syn) this.#starts.add(start);
    // A retransmission may be cut differently. The longest counts, since the receiver has acknowledged that.
    if (packet.payload.length > (this.#early.get(start)?.length ?? 0)) this.#early.set(start, packet.payload);
    // Every system points at the byte after the urgent one (RFC 6093 §2.2).
    if ((packet.flags & TCP_FLAG.U) !== 0) this.#urgent.add((packet.seq + (packet.urgent ?? 0) - 1) >>> 0);
    if ((packet.flags & TCP_FLAG.F) !== 0) this.#ends.add((start + packet.payload.length) >>> 0);
    this.#next ??= [...this.#starts].find((one) => this.#early.has(one) || this.#ends.has(one));
    const ready = this.#takeInOrder();
    if (this.#next !== undefined && this.#ends.has(this.#next)) this.finished = true;
    return ready;
  }

  /** Whether the sequence number may belong to this stream: it does not lie before every start. */
  mayHave(sequence: number): boolean {
    return [...this.#starts].some((start) => distance(start, sequence) >= 0);
  }

  #takeInOrder(): InOrder[] {
    const ready: InOrder[] = [];
    let progress = true;
    while (progress && this.#next !== undefined) {
      progress = false;
      for (const [start, bytes] of this.#early) {
        const overlap = distance(start, this.#next);
        if (overlap < 0) continue;
        this.#early.delete(start);
        if (overlap >= bytes.length) continue;
        const fresh = bytes.subarray(overlap);
        ready.push({ bytes: fresh, urgentAt: this.#urgentIn(this.#next, fresh.length) });
        this.#next = (this.#next + fresh.length) >>> 0;
        progress = true;
      }
    }
    return ready;
  }

  #urgentIn(start: number, length: number): number[] {
    const offsets = [...this.#urgent].map((seq) => distance(start, seq));
    return offsets.filter((offset) => offset >= 0 && offset < length).sort((a, b) => a - b);
  }
}
