/**
 * Cuts a control connection's bytes into lines as ftp-proxy(8) does: a line ends at LF and includes
 * it, holds 500 bytes at most and no NUL. A CR is ordinary content.
 *
 * How the bytes are cut into segments never changes which lines come out, nor where the stream is
 * found unclean.
 *
 * @example
 * assembler.push(encode("NOOP\r\nQU"));
 * assembler.next(); // { kind: "line", bytes: "NOOP\r\n" }
 * assembler.next(); // { kind: "incomplete" }
 */

/** Longest line, its LF included. Source: ftp-proxy.c 1.41, MAX_LINE; captures line-500-boundary.*. */
export const maxLineLength = 500;

export type AssembledLine =
  | { readonly kind: "line"; readonly bytes: Uint8Array }
  | { readonly kind: "incomplete" }
  | { readonly kind: "unclean" };

const incomplete: AssembledLine = { kind: "incomplete" };
const unclean: AssembledLine = { kind: "unclean" };
const nothing = new Uint8Array(0);

export class LineAssembler {
  #bytes: Uint8Array = nothing;
  #start = 0;

  /** Bytes taken in and not yet given out as lines. */
  get pending(): number {
    return this.#bytes.length - this.#start;
  }

  push(bytes: Uint8Array): void {
    if (this.pending === 0) {
      this.#bytes = bytes;
    } else {
      const joined = new Uint8Array(this.pending + bytes.length);
      joined.set(this.#bytes.subarray(this.#start));
      joined.set(bytes, this.pending);
      this.#bytes = joined;
    }
    this.#start = 0;
  }

  /** The next whole line, or why there is none. After `unclean` the stream is of no further use. */
  next(): AssembledLine {
    const limit = Math.min(this.#bytes.length, this.#start + maxLineLength);
    for (let at = this.#start; at < limit; at++) {
      const byte = this.#bytes[at];
      if (byte === 0) return unclean;
      if (byte === 0x0a) {
        const line = this.#bytes.subarray(this.#start, at + 1);
        this.#start = at + 1;
        if (this.pending === 0) this.#forget();
        return { kind: "line", bytes: line };
      }
    }
    if (this.pending >= maxLineLength) return unclean;
    // A fragment must not keep the whole segment it came in alive: sessions idle for hours.
    if (this.#start > 0) {
      this.#bytes = this.#bytes.slice(this.#start);
      this.#start = 0;
    }
    return incomplete;
  }

  /** Everything still held, as it is; for a stream that is no longer lines (TLS). */
  takeRest(): Uint8Array {
    const rest = this.#bytes.subarray(this.#start);
    this.#forget();
    return rest;
  }

  #forget(): void {
    this.#bytes = nothing;
    this.#start = 0;
  }
}
