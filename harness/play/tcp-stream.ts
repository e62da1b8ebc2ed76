/**
 * One direction of a TCP connection, put together again from its packets as a listener on the
 * wire sees them: retransmissions dropped, early segments kept until the gap is filled.
 */

import { TCP_FLAG, type TcpPacket } from "../pf/packet.ts";

/** Signed distance of two sequence numbers, RFC 9293 §3.4. */
const distance = (from: number, to: number): number => (to - from) | 0;

export class TcpStream {
  #next: number | undefined;
  readonly #early = new Map<number, Uint8Array>();
  #finAt: number | undefined;
  /** The peer has been told that nothing follows, and all before it has been seen. */
  finished = false;

  /** Takes a packet; returns the bytes that are now in order, possibly none. */
  add(packet: TcpPacket): Uint8Array[] {
    const syn = (packet.flags & TCP_FLAG.S) !== 0;
    const start = (packet.seq + (syn ? 1 : 0)) >>> 0;
    if (this.#next === undefined) {
      if (!syn && packet.payload.length === 0 && (packet.flags & TCP_FLAG.F) === 0) return [];
      this.#next = start;
    }
    if (packet.payload.length > 0) this.#early.set(start, packet.payload);
    if ((packet.flags & TCP_FLAG.F) !== 0) this.#finAt = (start + packet.payload.length) >>> 0;
    const ready = this.#takeInOrder();
    if (this.#finAt !== undefined && this.#next === this.#finAt) this.finished = true;
    return ready;
  }

  #takeInOrder(): Uint8Array[] {
    const ready: Uint8Array[] = [];
    let progress = true;
    while (progress && this.#next !== undefined) {
      progress = false;
      for (const [start, bytes] of this.#early) {
        const behind = distance(start, this.#next);
        if (behind < 0) continue;
        this.#early.delete(start);
        if (behind >= bytes.length) continue;
        ready.push(bytes.subarray(behind));
        this.#next = (this.#next + bytes.length - behind) >>> 0;
        progress = true;
      }
    }
    return ready;
  }
}
