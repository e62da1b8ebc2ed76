/**
 * One direction of a TCP connection, put together again from its packets as a listener on the
 * wire sees them: retransmissions dropped, early segments kept until the gap is filled.
 *
 * It begins behind a SYN. Of several with different sequence numbers (a firewall has dropped a SYN+ACK and reset its
 * sender, who chooses a number anew) that one counts whose next byte comes: only what was let through goes on.
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
  /** Where it may begin: behind each SYN. */
  readonly #starts = new Set<number>();
  #next: number | undefined;
  readonly #early = new Map<number, Uint8Array>();
  readonly #urgent = new Set<number>();
  readonly #ends = new Set<number>();
  /** The peer has been told that nothing follows, and all before it has been seen. */
  finished = false;

  /** Takes a packet; returns what is now in order, possibly nothing. */
  add(packet: TcpPacket): InOrder[] {
    const syn = (packet.flags & TCP_FLAG.S) !== 0;
    const start = (packet.seq + (syn ? 1 : 0)) >>> 0;
    if (syn) this.#starts.add(start);
    // What is repeated may be cut otherwise: all that a receiver has kept counts, for it has acknowledged that.
    if (packet.payload.length > (this.#early.get(start)?.length ?? 0)) this.#early.set(start, packet.payload);
    // The pointer tells the byte after the urgent one, as every system has it (RFC 6093 §2.2).
    if ((packet.flags & TCP_FLAG.U) !== 0) this.#urgent.add((packet.seq + (packet.urgent ?? 0) - 1) >>> 0);
    if ((packet.flags & TCP_FLAG.F) !== 0) this.#ends.add((start + packet.payload.length) >>> 0);
    this.#next ??= [...this.#starts].find((one) => this.#early.has(one) || this.#ends.has(one));
    const ready = this.#takeInOrder();
    if (this.#next !== undefined && this.#ends.has(this.#next)) this.finished = true;
    return ready;
  }

  /** Whether this sequence number may be of this stream: not when it lies before all that has begun here. */
  mayHave(sequence: number): boolean {
    return [...this.#starts].some((start) => distance(start, sequence) >= 0);
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
