/**
 * "So many in so many seconds", as max-pkt-rate and max-src-conn-rate measure it: a count that ages linearly.
 *
 * @example
 * rate.add(now); if (rate.exceeded) …
 */

/** pfvar.h: counts are kept in thousandths. */
const UNIT = 1000;

export class Threshold {
  readonly limit: number;
  readonly seconds: number;
  #count = 0;
  #last = 0;

  constructor(limit: number, seconds: number) {
    this.limit = limit;
    this.seconds = seconds;
  }

  /** One more, at `now` in seconds. */
  add(now: number): void {
    const passed = now - this.#last;
    if (passed >= this.seconds) this.#count = 0;
    else this.#count -= Math.floor((this.#count * passed) / this.seconds);
    this.#count += UNIT;
    this.#last = now;
  }

  get exceeded(): boolean {
    return this.#count > this.limit * UNIT;
  }

  /** What has not aged away, for display. */
  current(now: number): number {
    const passed = now - this.#last;
    if (passed >= this.seconds) return 0;
    return (this.#count - Math.floor((this.#count * passed) / this.seconds)) / UNIT;
  }
}
