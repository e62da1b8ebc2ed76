/**
 * The TUN devices of a standing place: reads them as packets come, and writes to them. Whoever takes
 * the packets may change from play to play.
 *
 * @example
 * const wires = new Wires(linux, [{ device, descriptor }]);
 * wires.receiver = (place, bytes) => wires.write(other, bytes);
 */

import type { Linux } from "./linux.ts";

/** Packets that one device may bring before the others and the rest of the process have their turn. */
const TURN = 64;
const TURNS = 8;
/** The longest packet of a TUN device. */
const LONGEST = 65_536;

export class Wires {
  readonly #linux: Linux;
  readonly #descriptors: readonly number[];
  readonly #buffer = new Uint8Array(LONGEST);
  readonly #waker: number;
  readonly #stopped: Promise<void>;
  #open = true;
  /** Told of each packet with the place of its device in the list; the bytes are the receiver's to keep. */
  receiver: (place: number, bytes: Uint8Array) => void = () => {};

  constructor(linux: Linux, descriptors: readonly number[]) {
    this.#linux = linux;
    this.#descriptors = descriptors;
    this.#waker = linux.waker();
    this.#stopped = this.#watch();
  }

  write(place: number, bytes: Uint8Array): void {
    const descriptor = this.#descriptors[place];
    if (this.#open && descriptor !== undefined) this.#linux.write(descriptor, bytes);
  }

  /** Stops reading and closes the devices, which removes them. */
  async close(): Promise<void> {
    if (!this.#open) return this.#stopped;
    this.#open = false;
    this.#linux.wake(this.#waker);
    await this.#stopped;
    for (const descriptor of [...this.#descriptors, this.#waker]) this.#linux.close(descriptor);
  }

  async #watch(): Promise<void> {
    while (this.#open) {
      const ready = await this.#linux.wait([...this.#descriptors, this.#waker]);
      let busy = this.#descriptors.flatMap((_, place) => (ready[place] === true ? [place] : []));
      for (let turn = 0; busy.length > 0 && this.#open && turn < TURNS; turn++) {
        busy = busy.filter((place) => this.#drain(place));
      }
    }
  }

  /** True when there may be more. */
  #drain(place: number): boolean {
    for (let count = 0; count < TURN; count++) {
      const length = this.#linux.read(this.#descriptors[place] ?? -1, this.#buffer);
      if (length === 0) return false;
      this.receiver(place, this.#buffer.slice(0, length));
    }
    return true;
  }
}
