/**
 * The packets at the firewall's interfaces with their real bytes and times, for Wireshark: what the
 * anchors held, what was dropped and what the proxy logged stands beside them as comments.
 */

import { type PcapngInterface, type PcapngPacket, pcapng } from "../../net/wire/pcapng.ts";
import type { Packet } from "../../pf/packet.ts";
import { FIREWALL, FIREWALL_INTERFACE } from "../model/topology.ts";
import type { NetworkName } from "./layout.ts";

export interface RecordedPacket {
  readonly network: NetworkName;
  readonly direction: "in" | "out";
  readonly atMs: number;
  readonly bytes: Uint8Array;
  /** The same, decoded. */
  readonly packet: Packet;
}

export interface Recorder {
  /** Packets that come now are not kept. */
  readonly full?: boolean;
  add(one: RecordedPacket): void;
  /** Beside the packet that it is about, as it last crossed a wire; without one, beside the next packet. */
  comment(text: string, about?: Packet): void;
  /** pcapng. */
  file(): Uint8Array;
}

/** A packet, and what is said beside it. */
export type NotedPacket = RecordedPacket & { readonly comments: string[] };

/** Bytes of a recording; a play that transfers more keeps its beginning. */
const LIMIT = 32 * 1024 * 1024;
/** Among so many of the last packets the one is sought that is spoken of. */
export const RECENT = 20;
const NETWORKS: readonly NetworkName[] = ["outside", "inside"];

/** Nobody wants the packets. */
export const noRecording: Recorder = { full: true, add() {}, comment() {}, file: () => new Uint8Array(0) };

export class Recording implements Recorder {
  readonly #packets: NotedPacket[] = [];
  #comments: string[] = [];
  #size = 0;

  get full(): boolean {
    return this.#size > LIMIT;
  }

  add(one: RecordedPacket): void {
    if (this.full) return;
    this.#size += one.bytes.length;
    const comments = this.#comments;
    this.#comments = [];
    this.#packets.push({ ...one, comments });
    if (this.full) comments.push("the recording ends here: it would become too large");
  }

  comment(text: string, about?: Packet): void {
    if (this.full) return;
    (spokenOf(this.#packets, about)?.comments ?? this.#comments).push(text);
  }

  file(): Uint8Array {
    // What was said after the last packet has no other place.
    const last = this.#packets.length - 1;
    const after = this.#comments.map((text) => `afterwards: ${text}`);
    return pcapng({
      interfaces: INTERFACES,
      packets: this.#packets.map((one, place) =>
        place < last ? blockOf(one) : blockOf({ ...one, comments: [...one.comments, ...after] }),
      ),
    });
  }
}

/** The packet among the last ones, as it last crossed a wire. */
export function spokenOf(packets: readonly NotedPacket[], about: Packet | undefined): NotedPacket | undefined {
  return about && packets.slice(-RECENT).findLast(({ packet }) => isSame(packet, about));
}

/** Forwarded and translated it is another record, but it carries the same payload. */
const isSame = (one: Packet, other: Packet): boolean => one === other || one.payload === other.payload;

export const INTERFACES: readonly PcapngInterface[] = NETWORKS.map((network) => ({
  name: `firewall.${FIREWALL_INTERFACE[network]}`,
  description: `${FIREWALL[network].inet}/24 ${FIREWALL[network].inet6}/64`,
}));

export const blockOf = ({ network, direction, atMs, bytes, comments }: NotedPacket): PcapngPacket => ({
  interface: NETWORKS.indexOf(network),
  direction,
  atMicroseconds: Math.round(atMs * 1000),
  bytes,
  comments,
});
