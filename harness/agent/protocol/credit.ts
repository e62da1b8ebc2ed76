/**
 * Flow control of a stream in the agent protocol: the sender's credit, and the credit that the receiver owes. Pure.
 *
 * @example
 * const out = new Outbox((bytes) => pipe.write(frame(FRAME.data, id, bytes)));
 * out.push(bytes); // sends what there is credit for, keeps the rest
 * out.credit(4096);
 */

import { DATA_LIMIT, FIRST_CREDIT } from "./frame.ts";

/** Credit is given back in portions, so that it costs few frames, and long before the sender stops. */
const PORTION = FIRST_CREDIT / 4;

type Item =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly urgent: boolean }
  | { readonly kind: "call"; readonly call: () => void };

/** Bytes to be sent in order. A piece is cut only where it is longer than the credit or a frame. */
export class Outbox {
  readonly #send: (bytes: Uint8Array, urgent: boolean) => void;
  #queue: Item[] = [];
  #credit = FIRST_CREDIT;
  #held = 0;

  constructor(send: (bytes: Uint8Array, urgent: boolean) => void) {
    this.#send = send;
  }

  /** Bytes that wait here for credit. */
  get held(): number {
    return this.#held;
  }

  /** Bytes that the other end has not yet passed on. */
  get pending(): number {
    return this.#held + FIRST_CREDIT - this.#credit;
  }

  push(bytes: Uint8Array, urgent = false): void {
    if (bytes.length === 0) return;
    this.#queue.push({ kind: "bytes", bytes, urgent });
    this.#held += bytes.length;
    this.#flush();
  }

  /** Calls after everything before it has been sent. */
  afterwards(call: () => void): void {
    this.#queue.push({ kind: "call", call });
    this.#flush();
  }

  credit(bytes: number): void {
    this.#credit += bytes;
    this.#flush();
  }

  /** Drops the bytes that wait; calls after them come now. */
  drop(): void {
    this.#queue = this.#queue.filter(({ kind }) => kind === "call");
    this.#held = 0;
    this.#flush();
  }

  #flush(): void {
    for (;;) {
      const [first] = this.#queue;
      if (first === undefined) return;
      if (first.kind === "call") {
        this.#queue.shift();
        first.call();
        continue;
      }
      const length = Math.min(first.bytes.length, this.#credit, DATA_LIMIT);
      if (length === 0) return;
      const whole = length === first.bytes.length;
      if (whole) this.#queue.shift();
      else this.#queue[0] = { ...first, bytes: first.bytes.subarray(length) };
      this.#credit -= length;
      this.#held -= length;
      this.#send(whole ? first.bytes : first.bytes.subarray(0, length), first.urgent && whole);
    }
  }
}

/** Bytes that have been passed on, without credit given back for them yet. */
export class Debt {
  readonly #give: (bytes: number) => void;
  #owed = 0;

  constructor(give: (bytes: number) => void) {
    this.#give = give;
  }

  /** So many bytes have been passed on. */
  add(bytes: number): void {
    this.#owed += bytes;
    if (this.#owed < PORTION) return;
    this.#give(this.#owed);
    this.#owed = 0;
  }
}
