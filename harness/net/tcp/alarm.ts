/**
 * A timer for frequent setting: it touches the clock's queue only when it is set to an earlier time.
 *
 * @example
 * const retransmission = new Alarm(clock, () => timeout());
 * retransmission.set(200_000);
 */

import type { Timer } from "../../../proxy/host.ts";
import type { VirtualClock } from "../time/clock.ts";

export class Alarm {
  readonly #clock: VirtualClock;
  readonly #action: () => void;
  #deadline: number | undefined;
  #timer: Timer | undefined;
  #firesAt = 0;

  constructor(clock: VirtualClock, action: () => void) {
    this.#clock = clock;
    this.#action = action;
  }

  get isSet(): boolean {
    return this.#deadline !== undefined;
  }

  /** So many microseconds from now, whatever it was set to before. */
  set(microseconds: number): void {
    this.#deadline = this.#clock.microseconds() + Math.round(microseconds);
    if (this.#timer === undefined || this.#firesAt > this.#deadline) this.#arm(this.#deadline);
  }

  clear(): void {
    this.#deadline = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(deadline: number): void {
    this.#timer?.cancel();
    this.#firesAt = deadline;
    this.#timer = this.#clock.schedule(deadline - this.#clock.microseconds(), () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    const deadline = this.#deadline;
    if (deadline === undefined) return;
    if (deadline > this.#clock.microseconds()) this.#arm(deadline);
    else {
      this.#deadline = undefined;
      this.#action();
    }
  }
}
