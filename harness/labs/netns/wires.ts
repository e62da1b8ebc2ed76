/**
 * The TUN devices of a lab's namespaces: reads packets as they come, and writes. The receiver may change from play
 * to play.
 *
 * A packet that comes with a segment size is longer than the wire carries: it represents that many
 * segments, and is written on as such (harness/net/wire/offload.ts). All others are whole, checksums too.
 *
 * @example
 * const wires = new Wires(linux, [{ device, descriptor }]);
 * wires.receiver = (place, bytes, segmentSize) => wires.write(other, bytes, segmentSize);
 */

import { giveOffload, OFFLOAD_HEADER, takeOffload } from "../../net/wire/offload.ts";
import type { Linux } from "./linux.ts";

/** Packets of one device before the others, and turns before the rest of the process. */
const TURN = 64;
const TURNS = 8;
/** The longest packet of a TUN device, and its header. */
const LONGEST = OFFLOAD_HEADER + 65_536;

export class Wires {
  readonly #linux: Linux;
  readonly #descriptors: readonly number[];
  readonly #incoming = new Uint8Array(LONGEST);
  readonly #outgoing = new Uint8Array(LONGEST);
  readonly #waker: number;
  readonly #stopped: Promise<void>;
  #open = true;
  /**
   * Gets each packet with the place of its device in the list. The bytes of a packet with a segment size are lent: the
   * next one overwrites them. A new buffer of 64 KiB for each made the garbage collector a third of all work.
   */
  receiver: (place: number, bytes: Uint8Array, segmentSize: number | undefined) => void = () => {};

  constructor(linux: Linux, descriptors: readonly number[]) {
    this.#linux = linux;
    this.#descriptors = descriptors;
    this.#waker = linux.waker();
    this.#stopped = this.#watch();
  }

  write(place: number, bytes: Uint8Array, segmentSize?: number): void {
    const descriptor = this.#descriptors[place];
    const length = OFFLOAD_HEADER + bytes.length;
    if (!this.#open || descriptor === undefined || length > LONGEST) return;
    const header = this.#outgoing.subarray(0, OFFLOAD_HEADER);
    this.#outgoing.set(bytes, OFFLOAD_HEADER);
    giveOffload(header, this.#outgoing.subarray(OFFLOAD_HEADER, length), segmentSize);
    this.#linux.write(descriptor, this.#outgoing, length);
  }

  /** Whether one packet may represent several segments. */
  offload(on: boolean): void {
    for (const descriptor of this.#descriptors) this.#linux.offload(descriptor, on);
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
      const length = this.#linux.read(this.#descriptors[place] ?? -1, this.#incoming);
      if (length === 0) return false;
      const bytes = this.#incoming.subarray(OFFLOAD_HEADER, length);
      const segmentSize = takeOffload(this.#incoming, bytes);
      this.receiver(place, segmentSize === undefined ? bytes.slice() : bytes, segmentSize);
    }
    return true;
  }
}
