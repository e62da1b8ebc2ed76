/**
 * The packets of interfaces with their times, as tcpdump(8) on each would record them, for Wireshark (pcapng).
 * Comments beside a packet give its fate, the contents of an anchor, and lines of the proxy's log.
 *
 * `Recording` stays in memory. `LiveRecording` writes while the packets come, for a lab that runs for hours: its file
 * can be read at any time, and a packet waits a moment for its comments.
 *
 * @example
 * const recording = new Recording([{ name: "firewall.em0" }]);
 * recording.add({ interface: "firewall.em0", direction: "in", atMicroseconds, packet });
 * recording.comment("dropped: match", packet);
 * writeFileSync("play.pcapng", recording.bytes());
 */

import type { Clock, Timer } from "../../../proxy/host.ts";
import type { Packet } from "../../pf/packet.ts";
import { encode } from "./encode.ts";
import { type PcapngInterface, type PcapngPacket, pcapng, pcapngHead, pcapngPacket } from "./pcapng.ts";

export interface RecordedPacket {
  /** Its name in the list of interfaces. */
  readonly interface: string;
  readonly direction: "in" | "out";
  /** Since the epoch. */
  readonly atMicroseconds: number;
  readonly packet: Packet;
  /** As on the wire; absent: what the record gives. */
  readonly bytes?: Uint8Array;
}

export interface Recorder {
  /** Packets that come now are not kept. */
  readonly full: boolean;
  add(one: RecordedPacket): void;
  /** Beside the packet that it is about, where that crossed an interface last; otherwise beside the next packet. */
  comment(text: string, about?: Packet): void;
  /** pcapng. */
  bytes(): Uint8Array;
}

type CommentedPacket = RecordedPacket & { readonly comments: string[] };

/** A comment's packet is one of the last so many. */
const RECENT = 20;
/** Comments about a packet come by then. */
const SETTLE_MS = 200;

/** Keeps no packets. */
export const noRecording: Recorder = { full: true, add() {}, comment() {}, bytes: () => new Uint8Array(0) };

export class Recording implements Recorder {
  readonly interfaces: PcapngInterface[];
  readonly #packets: CommentedPacket[] = [];
  readonly #limitBytes: number;
  #comments: string[] = [];
  #size = 0;

  /** Of a play that transfers more than the limit, the recording keeps the beginning. */
  constructor(interfaces: readonly PcapngInterface[] = [], limitBytes = Number.POSITIVE_INFINITY) {
    this.interfaces = [...interfaces];
    this.#limitBytes = limitBytes;
  }

  get packets(): readonly (RecordedPacket & { readonly comments: readonly string[] })[] {
    return this.#packets;
  }

  get full(): boolean {
    return this.#size > this.#limitBytes;
  }

  add(one: RecordedPacket): void {
    if (this.full) return;
    this.#size += one.bytes?.length ?? 0;
    const comments = this.#comments;
    this.#comments = [];
    this.#packets.push({ ...one, comments });
    if (this.full) comments.push("the recording ends here: it would become too large");
  }

  comment(text: string, about?: Packet): void {
    if (!this.full) (find(this.#packets, about)?.comments ?? this.#comments).push(text);
  }

  bytes(): Uint8Array {
    const last = this.#packets.length - 1;
    const after = this.#comments.map((text) => `afterwards: ${text}`);
    const packets = this.#packets.map((one, place) =>
      blockOf(this.interfaces, place < last ? one : { ...one, comments: [...one.comments, ...after] }),
    );
    return pcapng({ interfaces: this.interfaces, packets });
  }
}

export interface LiveRecordingOptions {
  readonly interfaces: readonly PcapngInterface[];
  readonly write: (bytes: Uint8Array) => void;
  readonly clock: Clock;
}

export class LiveRecording implements Recorder {
  readonly full = false;
  readonly #options: LiveRecordingOptions;
  readonly #held: CommentedPacket[] = [];
  #comments: string[] = [];
  #timer: Timer | undefined;

  constructor(options: LiveRecordingOptions) {
    this.#options = options;
    options.write(pcapngHead({ interfaces: options.interfaces }));
  }

  add(one: RecordedPacket): void {
    this.#held.push({ ...one, comments: this.#comments });
    this.#comments = [];
    this.#release(RECENT);
    this.#timer ??= this.#options.clock.after(SETTLE_MS, () => this.flush());
  }

  comment(text: string, about?: Packet): void {
    (find(this.#held, about)?.comments ?? this.#comments).push(text);
  }

  /** Nothing: the packets are in the file that was written. */
  bytes(): Uint8Array {
    return new Uint8Array(0);
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#release(0);
  }

  #release(keep: number): void {
    const { interfaces, write } = this.#options;
    for (const one of this.#held.splice(0, Math.max(0, this.#held.length - keep))) {
      write(pcapngPacket(blockOf(interfaces, one)));
    }
  }
}

/** The record of a packet, or of its arrival: translated it is another record, but carries the same payload. */
function find(packets: readonly CommentedPacket[], about: Packet | undefined): CommentedPacket | undefined {
  if (about === undefined) return undefined;
  const recent = packets.slice(-RECENT);
  const same = recent.findLast(({ packet }) => packet === about);
  if (same !== undefined) return same;
  const arrived = recent.findLast(({ direction }) => direction === "in");
  return arrived?.packet.protocol === about.protocol && arrived.packet.payload === about.payload ? arrived : undefined;
}

function blockOf(interfaces: readonly PcapngInterface[], one: CommentedPacket): PcapngPacket {
  const { interface: name, direction, atMicroseconds, packet, bytes, comments } = one;
  return {
    interface: interfaces.findIndex((known) => known.name === name),
    direction,
    atMicroseconds,
    bytes: bytes ?? encode(packet),
    comments,
  };
}
