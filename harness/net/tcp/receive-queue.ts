/**
 * Bytes that arrived, by their position in the peer's stream: put in order, kept until they are
 * read, and with urgent bytes apart (SO_OOBINLINE off: they are not part of the stream).
 *
 * @example
 * queue.insert(0, bytes);
 * queue.read(); // { kind: "data", bytes }
 */

export type Piece =
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "urgent"; readonly byte: number };

interface Span {
  readonly start: number;
  readonly bytes: Uint8Array;
}

export class ReceiveQueue {
  /** In order and unread. */
  #ready: Span[] = [];
  /** Beyond a hole; sorted, without overlaps. */
  #early: Span[] = [];
  readonly #urgent = new Set<number>();
  #readTo = 0;
  /** Everything before this position has arrived. */
  next = 0;

  /** Bytes in order that wait for a reader. */
  get unread(): number {
    return this.next - this.#readTo;
  }

  get hasHoles(): boolean {
    return this.#early.length > 0;
  }

  /** The urgent pointer of a segment marks this byte. */
  markUrgent(position: number): void {
    if (position >= this.#readTo) this.#urgent.add(position);
  }

  /** Adds the bytes that are new. Those that came before stay. */
  insert(start: number, bytes: Uint8Array): void {
    if (start > this.next) {
      this.#insertEarly(start, bytes);
      return;
    }
    this.#append(start, bytes);
    while (this.#early[0] !== undefined && this.#early[0].start <= this.next) {
      const span = this.#early.shift()!;
      this.#append(span.start, span.bytes);
    }
  }

  /** The next piece, with a copy of its bytes. Undefined when nothing waits. */
  read(): Piece | undefined {
    const span = this.#ready[0];
    if (span === undefined) return undefined;
    const at = this.#readTo;
    const whole = span.bytes.subarray(at - span.start);
    const urgentAt = this.#urgent.size === 0 ? -1 : this.#firstUrgent(at, at + whole.length);
    if (urgentAt === at) {
      this.#urgent.delete(at);
      this.#advance(span, 1);
      return { kind: "urgent", byte: whole[0]! };
    }
    const part = urgentAt < 0 ? whole : whole.subarray(0, urgentAt - at);
    this.#advance(span, part.length);
    return { kind: "data", bytes: new Uint8Array(part) };
  }

  /** The program reads no more. */
  discard(): void {
    this.#ready = [];
    this.#early = [];
    this.#readTo = this.next;
  }

  #firstUrgent(from: number, to: number): number {
    let first = -1;
    for (const position of this.#urgent) {
      if (position >= from && position < to && (first < 0 || position < first)) first = position;
    }
    return first;
  }

  #advance(span: Span, count: number): void {
    this.#readTo += count;
    if (this.#readTo >= span.start + span.bytes.length) this.#ready.shift();
  }

  #append(start: number, bytes: Uint8Array): void {
    const fresh = bytes.subarray(Math.max(0, this.next - start));
    if (fresh.length === 0) return;
    this.#ready.push({ start: this.next, bytes: fresh });
    this.next += fresh.length;
  }

  /** Adds the parts of the new span that have not come before. */
  #insertEarly(start: number, bytes: Uint8Array): void {
    const end = start + bytes.length;
    const gaps: Span[] = [];
    let from = start;
    for (const known of this.#early) {
      const knownEnd = known.start + known.bytes.length;
      if (knownEnd <= from) continue;
      if (known.start >= end) break;
      if (known.start > from) gaps.push({ start: from, bytes: bytes.subarray(from - start, known.start - start) });
      from = Math.max(from, knownEnd);
    }
    if (from < end) gaps.push({ start: from, bytes: bytes.subarray(from - start) });
    if (gaps.length > 0) this.#early = [...this.#early, ...gaps].sort((a, b) => a.start - b.start);
  }
}
