/**
 * The congestion window of a connection: slow start, congestion avoidance, fast retransmit and fast recovery
 * (RFC 5681, with the partial acknowledgements of RFC 6582).
 * Pure arithmetic; positions are those of the send queue.
 *
 * @example
 * if (congestion.duplicate(una, max) === "retransmit") resend();
 */

const DUPLICATES_FOR_RETRANSMIT = 3;

export class Congestion {
  /** Bytes. */
  window: number;
  threshold = Number.POSITIVE_INFINITY;
  #segment: number;
  #duplicates = 0;
  /** The highest position sent when loss was noticed; undefined outside recovery. */
  #recover: number | undefined;

  constructor(segment: number, initialSegments: number) {
    this.#segment = segment;
    this.window = segment * initialSegments;
  }

  /** The path's MTU turned out smaller. */
  setSegment(segment: number): void {
    this.#segment = segment;
  }

  /** `acked` bytes up to position `una` are acknowledged. Answers whether to fill the next hole now. */
  acknowledged(acked: number, una: number): "go-on" | "retransmit" {
    this.#duplicates = 0;
    if (this.#recover !== undefined) {
      if (una < this.#recover) {
        this.window = Math.max(this.#segment, this.window - acked + this.#segment);
        return "retransmit";
      }
      this.#recover = undefined;
      this.window = this.threshold;
      return "go-on";
    }
    if (this.window < this.threshold) this.window += Math.min(acked, this.#segment);
    else this.window += Math.max(1, Math.floor((this.#segment * this.#segment) / this.window));
    return "go-on";
  }

  /** The same acknowledgement again, while positions from `una` to `max` are in flight. */
  duplicate(una: number, max: number): "go-on" | "retransmit" {
    if (this.#recover !== undefined) {
      this.window += this.#segment;
      return "go-on";
    }
    this.#duplicates++;
    if (this.#duplicates !== DUPLICATES_FOR_RETRANSMIT) return "go-on";
    this.#halve(max - una);
    this.window = this.threshold + DUPLICATES_FOR_RETRANSMIT * this.#segment;
    this.#recover = max;
    return "retransmit";
  }

  /** Nothing came back in time. */
  timedOut(inFlight: number): void {
    this.#halve(inFlight);
    this.window = this.#segment;
    this.#duplicates = 0;
    this.#recover = undefined;
  }

  #halve(inFlight: number): void {
    this.threshold = Math.max(inFlight / 2, 2 * this.#segment);
  }
}
