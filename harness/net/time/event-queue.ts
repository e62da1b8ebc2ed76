/**
 * Events in order of their times, and of their adding where times are equal. A binary heap: cancelled events stay in
 * it until their turn, or until they are the majority.
 *
 * @example
 * const event = queue.add(1500, () => deliver(packet));
 * queue.cancel(event);
 */

export interface QueuedEvent {
  /** Integer microseconds. */
  readonly at: number;
  readonly sequence: number;
  /** Undefined once it was cancelled or has been taken. */
  action: (() => void) | undefined;
}

export class EventQueue {
  #heap: QueuedEvent[] = [];
  #sequence = 0;
  #cancelled = 0;

  /** Events still to come. */
  get size(): number {
    return this.#heap.length - this.#cancelled;
  }

  add(at: number, action: () => void): QueuedEvent {
    const event: QueuedEvent = { at, sequence: this.#sequence++, action };
    this.#heap.push(event);
    this.#rise(this.#heap.length - 1);
    return event;
  }

  cancel(event: QueuedEvent): void {
    if (event.action === undefined) return;
    event.action = undefined;
    this.#cancelled++;
    if (this.#cancelled > 64 && this.#cancelled * 2 > this.#heap.length) this.#sweep();
  }

  /** The time of the next event. */
  nextAt(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.at;
  }

  take(): { readonly at: number; readonly action: () => void } | undefined {
    this.#dropCancelled();
    const event = this.#pop();
    if (event?.action === undefined) return undefined;
    const { at, action } = event;
    event.action = undefined;
    return { at, action };
  }

  #dropCancelled(): void {
    while (this.#heap[0] !== undefined && this.#heap[0].action === undefined) {
      this.#pop();
      this.#cancelled--;
    }
  }

  #sweep(): void {
    const live = this.#heap.filter((event) => event.action !== undefined);
    // A sorted array is a heap.
    this.#heap = live.sort((a, b) => (before(a, b) ? -1 : 1));
    this.#cancelled = 0;
  }

  #pop(): QueuedEvent | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top !== last && last !== undefined) {
      heap[0] = last;
      this.#sink();
    }
    return top;
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const event = heap[from]!;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(event, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  #sink(): void {
    const heap = this.#heap;
    const event = heap[0]!;
    const { length } = heap;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= length) break;
      if (child + 1 < length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, event)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = event;
  }
}

const before = (a: QueuedEvent, b: QueuedEvent): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
