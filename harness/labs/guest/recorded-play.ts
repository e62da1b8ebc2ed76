/**
 * The packets of one play with the guest's stamps, for Wireshark. Their comments are the anchors' rules, the log, and the
 * packets that PF blocked.
 */

import { pcapng } from "../../net/wire/pcapng.ts";
import type { NetworkName } from "../netns/layout.ts";

export interface SeenPacket {
  readonly network: NetworkName;
  readonly direction: "in" | "out";
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

const NETWORKS: readonly NetworkName[] = ["outside", "inside"];
/** Bytes; a play that transfers more keeps its beginning. */
const LIMIT = 32 * 1024 * 1024;

export class RecordedPlay {
  readonly #packets: SeenPacket[] = [];
  readonly #comments: { readonly atMs: number; readonly text: string }[] = [];
  #size = 0;

  add(packet: SeenPacket): void {
    if (this.#size > LIMIT) return;
    this.#size += packet.bytes.length;
    this.#packets.push(packet);
  }

  comment(atMs: number, text: string): void {
    this.#comments.push({ atMs, text });
  }

  /** Comments belong to the first packet after them, or to the last of all. */
  file(names: Readonly<Record<NetworkName, string>>): Uint8Array {
    const packets = [...this.#packets].sort((a, b) => a.atMs - b.atMs);
    const comments = [...this.#comments].sort((a, b) => a.atMs - b.atMs);
    let next = 0;
    const upTo = (atMs: number): string[] => {
      const from = next;
      while (next < comments.length && (comments[next]?.atMs ?? 0) <= atMs) next++;
      return comments.slice(from, next).map(({ text }) => text);
    };
    return pcapng({
      interfaces: NETWORKS.map((network) => ({ name: `firewall.${names[network]}`, description: network })),
      packets: packets.map(({ network, direction, atMs, bytes }, place) => ({
        interface: NETWORKS.indexOf(network),
        direction,
        atMicroseconds: Math.round(atMs * 1000),
        bytes,
        comments: upTo(place === packets.length - 1 ? Number.POSITIVE_INFINITY : atMs),
      })),
    });
  }
}
