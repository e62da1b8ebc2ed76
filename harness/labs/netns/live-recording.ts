/**
 * A recording that is written while the packets come, for a lab that stands for hours: its file can be
 * read at any time, and the memory holds but a few packets. A packet waits a moment for what is said
 * about it.
 *
 * @example
 * const recording = new LiveRecording({ write: (bytes) => writeSync(fd, bytes), clock: host.clock });
 */

import type { Clock, Timer } from "../../../proxy/host.ts";
import { pcapngHead, pcapngPacket } from "../../net/wire/pcapng.ts";
import type { Packet } from "../../pf/packet.ts";
import {
  blockOf,
  INTERFACES,
  type NotedPacket,
  RECENT,
  type RecordedPacket,
  type Recorder,
  spokenOf,
} from "./recording.ts";

export interface LiveRecordingOptions {
  readonly write: (bytes: Uint8Array) => void;
  readonly clock: Clock;
}

/** Whatever is said about a packet is said by then. */
const SETTLE_MS = 200;

export class LiveRecording implements Recorder {
  readonly #options: LiveRecordingOptions;
  readonly #held: NotedPacket[] = [];
  #comments: string[] = [];
  #timer: Timer | undefined;

  constructor(options: LiveRecordingOptions) {
    this.#options = options;
    options.write(pcapngHead({ interfaces: INTERFACES }));
  }

  add(one: RecordedPacket): void {
    this.#held.push({ ...one, comments: this.#comments });
    this.#comments = [];
    this.#release(RECENT);
    this.#timer ??= this.#options.clock.after(SETTLE_MS, () => this.flush());
  }

  comment(text: string, about?: Packet): void {
    (spokenOf(this.#held, about)?.comments ?? this.#comments).push(text);
  }

  /** It is in the file that has been written. */
  file(): Uint8Array {
    return new Uint8Array(0);
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#release(0);
  }

  #release(keep: number): void {
    for (const one of this.#held.splice(0, Math.max(0, this.#held.length - keep))) {
      this.#options.write(pcapngPacket(blockOf(one)));
    }
  }
}
