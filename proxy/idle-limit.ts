/**
 * Tells when a peer has been silent for too long. Activity only notes the time; the timer is armed
 * anew when it fires early, so a busy connection costs no timers.
 *
 * @example
 * const idle = new IdleLimit(host.clock, () => end());
 * idle.set(86_400_000);
 * idle.touch(); // on every byte
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
    if (milliseconds > 0) this.#arm(milliseconds);
  }

  touch(): void {
    this.#since = this.#clock.now();
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(milliseconds: number): void {
    this.#timer = this.#clock.after(milliseconds, () => {
      this.#timer = undefined;
      const left = this.#since + this.#milliseconds - this.#clock.now();
      if (left > 0) this.#arm(left);
      else this.#onIdle();
    });
  }
}
