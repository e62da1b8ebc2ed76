/**
 * The packets at the firewall's interfaces with their real bytes and times, for Wireshark: what the
 * anchors held and what was dropped stands beside them as comments.
 */

import type { Packet } from "../../pf/packet.ts";
import { FIREWALL_INTERFACE } from "../../sim/topology.ts";
import { pcapng } from "../../wire/pcapng.ts";
import type { NetworkName } from "./layout.ts";

export interface RecordedPacket {
  readonly network: NetworkName;
  readonly direction: "in" | "out";
  readonly atMs: number;
  readonly bytes: Uint8Array;
  /** The same, decoded. */
  readonly packet: Packet;
}

/** Bytes of a recording; a play that transfers more keeps its beginning. */
const LIMIT = 32 * 1024 * 1024;
/** Among so many of the last packets the one is sought that is spoken of. */
const RECENT = 20;
const NETWORKS: readonly NetworkName[] = ["outside", "inside"];

export class Recording {
  readonly #packets: (RecordedPacket & { readonly comments: string[] })[] = [];
  #comments: string[] = [];
  #size = 0;

  add(one: RecordedPacket): void {
    if (this.#size > LIMIT) return;
    this.#size += one.bytes.length;
    const comments = this.#comments;
    this.#comments = [];
    this.#packets.push({ ...one, comments });
    if (this.#size > LIMIT) comments.push("the recording ends here: it would become too large");
  }

  /** Beside the packet that it is about, as it last crossed a wire; without one, beside the next packet. */
  comment(text: string, about?: Packet): void {
    const found = about && this.#packets.slice(-RECENT).findLast(({ packet }) => isSame(packet, about));
    (found?.comments ?? this.#comments).push(text);
  }

  file(): Uint8Array {
    return pcapng({
      interfaces: NETWORKS.map((network) => ({
        name: `firewall.${FIREWALL_INTERFACE[network]}`,
        description: network,
      })),
      packets: this.#packets.map(({ network, direction, atMs, bytes, comments }) => ({
        interface: NETWORKS.indexOf(network),
        direction,
        atMicroseconds: Math.round(atMs * 1000),
        bytes,
        comments,
      })),
    });
  }
}

/** Forwarded and translated it is another record, but it carries the same payload. */
const isSame = (one: Packet, other: Packet): boolean => one === other || one.payload === other.payload;
