/**
 * A time limit that `touch` starts again. The timer is not moved at each touch: it is checked when it fires.
 *
 * @example
 * const idle = new IdleLimit(host.clock, () => connection.close());
 * idle.set(60_000);
 * connection.handle({ onData: () => idle.touch() });
 */

import type { Clock, Timer } from "./host.ts";

export class IdleLimit {
  readonly #clock: Clock;
  readonly #onIdle: () => void;
  #milliseconds = 0;
  #since = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, onIdle: () => void) {
    this.#clock = clock;
    this.#onIdle = onIdle;
  }

  /** When its time is up, on the clock. */
  get overAt(): number {
    return this.#milliseconds === 0 ? Number.POSITIVE_INFINITY : this.#since + this.#milliseconds;
  }

  /** Starts to count now; 0: never. */
  set(milliseconds: number): void {
    this.cancel();
    this.#milliseconds = milliseconds;
    this.touch();
  }

  /** After the limit has run out, it counts again. */
  touch(): void {
    if (this.#milliseconds === 0) return;
    this.#since = this.#clock.now();
    if (this.#timer === undefined) this.#arm(this.#milliseconds);
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#milliseconds = 0;
  }

  #arm(milliseconds: number): void {
    this.#timer = this.#clock.after(milliseconds, () => {
      this.#timer = undefined;
      const left = this.overAt - this.#clock.now();
      if (left > 0) this.#arm(left);
      else this.#onIdle();
    });
  }
}
