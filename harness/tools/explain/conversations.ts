/**
 * TCP packets that are written down carry no sequence numbers, and PF looks at them: here they are kept, so that packets
 * that follow one another fit. Translated packets belong to the connection that they were made from.
 */

import { isTcp, type Packet, TCP_FLAG, type TcpPacket } from "../../pf/packet.ts";

interface Conversation {
  /** Next sequence number of each side. */
  readonly next: [number, number];
}

interface Place {
  readonly conversation: Conversation;
  readonly side: 0 | 1;
}

/** Far apart, so that one is never taken for the other. */
const FIRST = [1_000_000, 2_000_000] as const;

export class Conversations {
  readonly #places = new Map<string, Place>();

  /** The packet with the numbers that are its turn. */
  numbered(packet: Packet): Packet {
    if (!isTcp(packet)) return packet;
    const { conversation, side } = this.#place(packet);
    const other = side === 0 ? 1 : 0;
    const seq = conversation.next[side];
    const ack = (packet.flags & TCP_FLAG.A) === 0 ? 0 : conversation.next[other];
    const { S, F } = TCP_FLAG;
    const length = packet.payload.length + ((packet.flags & S) === 0 ? 0 : 1) + ((packet.flags & F) === 0 ? 0 : 1);
    conversation.next[side] += length;
    return { ...packet, seq, ack };
  }

  /** What went on after a test belongs to the same connection, whatever its ends are now. */
  translated(before: Packet, after: Packet): void {
    if (!isTcp(before) || !isTcp(after) || key(before) === key(after)) return;
    const place = this.#places.get(key(before));
    if (place === undefined) return;
    this.#places.set(key(after), place);
    this.#places.set(key(reversed(after)), { ...place, side: place.side === 0 ? 1 : 0 });
  }

  #place(packet: TcpPacket): Place {
    const known = this.#places.get(key(packet));
    if (known !== undefined) return known;
    const conversation: Conversation = { next: [...FIRST] };
    this.#places.set(key(packet), { conversation, side: 0 });
    this.#places.set(key(reversed(packet)), { conversation, side: 1 });
    return { conversation, side: 0 };
  }
}

type Ends = Pick<TcpPacket, "source" | "sourcePort" | "destination" | "destinationPort">;

const key = ({ source, sourcePort, destination, destinationPort }: Ends): string =>
  `${source} ${sourcePort} ${destination} ${destinationPort}`;

const reversed = ({ source, sourcePort, destination, destinationPort }: Ends): Ends => ({
  source: destination,
  sourcePort: destinationPort,
  destination: source,
  destinationPort: sourcePort,
});
