/**
 * Records the packets of interfaces, as tcpdump(8) on each of them would: what is sent as it leaves
 * the interface, what is received as it arrives. Written as pcapng with the virtual times; comments
 * tell what became of a packet.
 *
 * @example
 * const capture = new Capture(clock);
 * capture.add(em0);
 * await files.write("/play.pcapng", capture.bytes());
 */

import type { NetworkInterface } from "../../net/ip/interface.ts";
import type { VirtualClock } from "../../net/time/clock.ts";
import { encode } from "../../net/wire/encode.ts";
import { pcapng } from "../../net/wire/pcapng.ts";
import type { Packet } from "../../pf/packet.ts";

export interface CapturedPacket {
  /** Microseconds since the epoch. */
  readonly atMicroseconds: number;
  /** `node.interface`. */
  readonly interface: string;
  readonly direction: "in" | "out";
  readonly packet: Packet;
  readonly comments: readonly string[];
}

export class Capture {
  readonly #clock: VirtualClock;
  readonly #interfaces: NetworkInterface[] = [];
  readonly #packets: (CapturedPacket & { readonly comments: string[] })[] = [];
  #comments: string[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get packets(): readonly CapturedPacket[] {
    return this.#packets;
  }

  /** From now on the packets of this interface are recorded too. */
  add(one: NetworkInterface): void {
    if (this.#interfaces.includes(one)) return;
    this.#interfaces.push(one);
    one.tap((direction, packet) => {
      const atMicroseconds = this.#clock.microseconds();
      this.#packets.push({ atMicroseconds, interface: one.path, direction, packet, comments: this.#comments });
      this.#comments = [];
    });
  }

  /**
   * Puts words beside a packet: the last record of it, or of what it was when it arrived at this very
   * time. Words about a packet that no interface has seen, or about none, stand beside the next one.
   */
  comment(text: string, about?: Packet): void {
    const record = about && this.#find(about);
    (record?.comments ?? this.#comments).push(text);
  }

  #find(about: Packet): { readonly comments: string[] } | undefined {
    const now = this.#clock.microseconds();
    for (let index = this.#packets.length - 1; index >= 0; index--) {
      const record = this.#packets[index]!;
      if (record.packet === about) return record;
      // Forwarded and translated it is another record, but it carries the same payload.
      const arrived = record.direction === "in" && record.atMicroseconds === now;
      if (arrived && record.packet.protocol === about.protocol && record.packet.payload === about.payload)
        return record;
      if (now - record.atMicroseconds > 60_000_000) break;
    }
    return undefined;
  }

  /** The file so far. */
  bytes(): Uint8Array {
    const index = new Map(this.#interfaces.map((one, place) => [one.path, place]));
    // What was said after the last packet has no other place.
    const last = this.#packets.length - 1;
    const after = this.#comments.map((text) => `afterwards: ${text}`);
    return pcapng({
      interfaces: this.#interfaces.map((one) => ({
        name: one.path,
        description: one.addresses.map(({ address, prefix }) => `${address}/${prefix}`).join(" "),
      })),
      packets: this.#packets.map(({ atMicroseconds, interface: path, direction, packet, comments }, place) => ({
        interface: index.get(path)!,
        atMicroseconds,
        bytes: encode(packet),
        direction,
        comments: place < last ? comments : [...comments, ...after],
      })),
    });
  }
}
