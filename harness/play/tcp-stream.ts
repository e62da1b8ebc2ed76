/**
 * One direction of a TCP connection, put together again from its packets as a listener on the
 * wire sees them: retransmissions dropped, early segments kept until the gap is filled.
 */

import { TCP_FLAG, type TcpPacket } from "../pf/packet.ts";

/** Signed distance of two sequence numbers, RFC 9293 §3.4. */
const distance = (from: number, to: number): number => (to - from) | 0;

/** Bytes that are now in order. */
export interface InOrder {
  readonly bytes: Uint8Array;
  /** Places of urgent bytes among them (RFC 9293 §3.8.5): a receiver without SO_OOBINLINE does not find them in its stream. */
  readonly urgentAt: readonly number[];
}

export class TcpStream {
  #next: number | undefined;
  readonly #early = new Map<number, Uint8Array>();
  readonly #urgent = new Set<number>();
  #finAt: number | undefined;
  /** The peer has been told that nothing follows, and all before it has been seen. */
  finished = false;

  /** Takes a packet; returns what is now in order, possibly nothing. */
  add(packet: TcpPacket): InOrder[] {
    const syn = (packet.flags & TCP_FLAG.S) !== 0;
    const start = (packet.seq + (syn ? 1 : 0)) >>> 0;
    if (this.#next === undefined) {
      if (!syn && packet.payload.length === 0 && (packet.flags & TCP_FLAG.F) === 0) return [];
      this.#next = start;
    }
    if (packet.payload.length > 0) this.#early.set(start, packet.payload);
    // The pointer tells the byte after the urgent one, as every system has it (RFC 6093 §2.2).
    if ((packet.flags & TCP_FLAG.U) !== 0) this.#urgent.add((packet.seq + (packet.urgent ?? 0) - 1) >>> 0);
    if ((packet.flags & TCP_FLAG.F) !== 0) this.#finAt = (start + packet.payload.length) >>> 0;
    const ready = this.#takeInOrder();
    if (this.#finAt !== undefined && this.#next === this.#finAt) this.finished = true;
    return ready;
  }

  #takeInOrder(): InOrder[] {
    const ready: InOrder[] = [];
    let progress = true;
    while (progress && this.#next !== undefined) {
      progress = false;
      for (const [start, bytes] of this.#early) {
        const behind = distance(start, this.#next);
        if (behind < 0) continue;
        this.#early.delete(start);
        if (behind >= bytes.length) continue;
        const fresh = bytes.subarray(behind);
        ready.push({ bytes: fresh, urgentAt: this.#urgentIn(this.#next, fresh.length) });
        this.#next = (this.#next + fresh.length) >>> 0;
        progress = true;
      }
    }
    return ready;
  }

  #urgentIn(start: number, length: number): number[] {
    const places = [...this.#urgent].map((seq) => distance(start, seq));
    return places.filter((place) => place >= 0 && place < length).sort((a, b) => a - b);
  }
}
