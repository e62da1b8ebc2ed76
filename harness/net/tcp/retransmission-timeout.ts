/**
 * The time to wait for an acknowledgement (RFC 6298): computed from samples of the round trip, doubled at each
 * timeout.
 *
 * @example
 * rto.sample(12.5);
 * rto.milliseconds; // 200: the minimum
 */

export interface RtoLimits {
  readonly initialRtoMs: number;
  readonly minimumRtoMs: number;
  readonly maximumRtoMs: number;
}

export class RetransmissionTimeout {
  readonly #limits: RtoLimits;
  /** Smoothed round trip in milliseconds, once known. */
  #smoothed: number | undefined;
  #variation = 0;
  #base: number;
  #doublings = 0;

  constructor(limits: RtoLimits) {
    this.#limits = limits;
    this.#base = limits.initialRtoMs;
  }

  get milliseconds(): number {
    return Math.min(this.#base * 2 ** this.#doublings, this.#limits.maximumRtoMs);
  }

  /** A round trip of a segment that was sent only once (Karn). */
  sample(milliseconds: number): void {
    if (this.#smoothed === undefined) {
      this.#smoothed = milliseconds;
      this.#variation = milliseconds / 2;
    } else {
      this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - milliseconds);
      this.#smoothed = 0.875 * this.#smoothed + 0.125 * milliseconds;
    }
    this.#base = Math.max(this.#limits.minimumRtoMs, this.#smoothed + 4 * this.#variation);
  }

  /** It has run out. */
  double(): void {
    this.#doublings++;
  }

  /** Something new was acknowledged. */
  relax(): void {
    this.#doublings = 0;
  }
}
