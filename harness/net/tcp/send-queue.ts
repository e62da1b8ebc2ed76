/**
 * Bytes that were written and are not yet acknowledged, by their position in the stream: the first
 * byte ever written has position 0.
 *
 * @example
 * queue.append(bytes);
 * queue.slice(queue.start, 1460);
 */

interface Chunk {
  readonly start: number;
  readonly bytes: Uint8Array;
}

export class SendQueue {
  #chunks: Chunk[] = [];
  /** Chunks before this index are acknowledged. */
  #head = 0;
  /** Position of the first byte that is still there, and of the next one to be written. */
  start = 0;
  end = 0;

  /** Keeps a copy. */
  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push({ start: this.end, bytes: new Uint8Array(bytes) });
    this.end += bytes.length;
  }

  /** Everything before `position` is acknowledged. */
  dropBefore(position: number): void {
    this.start = Math.max(this.start, Math.min(position, this.end));
    while (this.#head < this.#chunks.length && endOf(this.#chunks[this.#head]!) <= this.start) this.#head++;
    if (this.#head === this.#chunks.length || (this.#head > 32 && this.#head * 2 > this.#chunks.length)) {
      this.#chunks = this.#chunks.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Up to `length` bytes from `position`; without copying when they were written in one piece. */
  slice(position: number, length: number): Uint8Array {
    const end = Math.min(position + length, this.end);
    if (end <= position) return new Uint8Array(0);
    let index = this.#find(position);
    const first = this.#chunks[index]!;
    if (endOf(first) >= end) return first.bytes.subarray(position - first.start, end - first.start);
    const out = new Uint8Array(end - position);
    for (let at = position; at < end; index++) {
      const chunk = this.#chunks[index]!;
      const part = chunk.bytes.subarray(at - chunk.start, end - chunk.start);
      out.set(part, at - position);
      at += part.length;
    }
    return out;
  }

  /** Index of the chunk that holds the position. */
  #find(position: number): number {
    let low = this.#head;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (endOf(this.#chunks[middle]!) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const endOf = (chunk: Chunk): number => chunk.start + chunk.bytes.length;
