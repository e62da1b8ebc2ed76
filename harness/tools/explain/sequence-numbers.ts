/**
 * Sequence numbers for TCP packets that are written without them: PF checks them, so packets of one connection must
 * follow one another. A translated packet belongs to the connection of the packet that it came from.
 *
 * @example
 * sequence.numbered(packet) // the packet with seq and ack
 */

import { isTcp, type Packet, TCP_FLAG, type TcpPacket } from "../../pf/packet.ts";

interface Connection {
  /** Next sequence number of each end. */
  readonly next: [number, number];
}

interface Sender {
  readonly connection: Connection;
  readonly end: 0 | 1;
}

/** Far apart, so that PF never takes one for the other. */
const FIRST = [1_000_000, 2_000_000] as const;

export class SequenceNumbers {
  readonly #senders = new Map<string, Sender>();

  /** The packet with the next numbers of its connection. */
  numbered(packet: Packet): Packet {
    if (!isTcp(packet)) return packet;
    const { connection, end } = this.#sender(packet);
    const other = end === 0 ? 1 : 0;
    const seq = connection.next[end];
    const ack = (packet.flags & TCP_FLAG.A) === 0 ? 0 : connection.next[other];
    const { S, F } = TCP_FLAG;
    const length = packet.payload.length + ((packet.flags & S) === 0 ? 0 : 1) + ((packet.flags & F) === 0 ? 0 : 1);
    connection.next[end] += length;
    return { ...packet, seq, ack };
  }

  /** The firewall changed the packet: its new addresses belong to the same connection. */
  translated(before: Packet, after: Packet): void {
    if (!isTcp(before) || !isTcp(after) || key(before) === key(after)) return;
    const sender = this.#senders.get(key(before));
    if (sender === undefined) return;
    this.#senders.set(key(after), sender);
    this.#senders.set(key(reversed(after)), { ...sender, end: sender.end === 0 ? 1 : 0 });
  }

  #sender(packet: TcpPacket): Sender {
    const known = this.#senders.get(key(packet));
    if (known !== undefined) return known;
    const connection: Connection = { next: [...FIRST] };
    this.#senders.set(key(packet), { connection, end: 0 });
    this.#senders.set(key(reversed(packet)), { connection, end: 1 });
    return { connection, end: 0 };
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
