/**
 * The firewall's own sockets in the decision cases, as far as they had a part: listeners that accept and answer
 * "world", resets and ICMP from closed ports, echo replies, and connections that the firewall itself opens.
 */

import {
  isIcmp,
  isTcp,
  isUdp,
  type Packet,
  PROTOCOL,
  TCP_FLAG,
  type TcpPacket,
  type UdpPacket,
} from "../../../pf/packet.ts";

const { F, S, R, P, A } = TCP_FLAG;
const text = (string: string) => new TextEncoder().encode(string);
const EMPTY = new Uint8Array(0);
const TTL = 64;
/** icmp_reflect() and ip6_defhlim. */
const ICMP_TTL = { inet: 255, inet6: 64 } as const;
const LISTENING = new Set([22]);
/** Listeners on the loopback addresses: divert-to and rdr-to targets. */
const LOOPBACK_LISTENING = new Set([8021, 8022]);
const UDP_LISTENING = 53;
const UDP_LOOPBACK_LISTENING = 8053;

/** Where PF wants a packet delivered. */
export interface Delivery {
  readonly packet: Packet;
  readonly divert?: { readonly address: string; readonly port: number } | "reply";
  /** The state that brought it here. */
  readonly state?: number;
}

interface Connection {
  next: number;
  expected: number;
  /** Opened by the firewall: says hello when it is up, and acknowledges late. */
  readonly active: boolean;
  up: boolean;
  state?: number | undefined;
  /** An acknowledgement that a real stack would send a little later. */
  owed?: TcpPacket | undefined;
}

export class Sockets {
  readonly #connections = new Map<string, Connection>();
  readonly #udp = new Set<string>();
  #isn = 0x10000000;
  readonly #isns = new Set<number>();
  /** Told when a socket dies: its state goes with it. */
  readonly #closed: (state: number) => void;
  /** First own address towards a host. */
  readonly #sourceFor: (destination: string, host: string) => string | undefined;

  constructor(closed: (state: number) => void, sourceFor: (destination: string, host: string) => string | undefined) {
    this.#closed = closed;
    this.#sourceFor = sourceFor;
  }

  /** What the firewall's stack sends in answer. */
  receive({ packet, divert, state }: Delivery): Packet[] {
    if (isTcp(packet)) return this.#tcp(packet, divert, state);
    if (isUdp(packet)) return this.#datagram(packet, divert);
    if (isIcmp(packet)) {
      const echo = packet.family === "inet" ? 8 : 128;
      if (packet.type !== echo) return [];
      const reply = packet.family === "inet" ? 0 : 129;
      const back = { source: packet.destination, destination: packet.source };
      return [{ ...packet, ...back, type: reply, ttl: ICMP_TTL[packet.family] }];
    }
    return [];
  }

  /** The firewall opens a connection, or sends a datagram. */
  open(proto: "tcp" | "udp", source: string, sourcePort: number, destination: string, destinationPort: number): Packet {
    const family = destination.includes(":") ? "inet6" : "inet";
    const ends = { family, source, destination, sourcePort, destinationPort, ttl: TTL, tos: 0 } as const;
    if (proto === "udp") {
      this.#udp.add(`${source} ${sourcePort}`);
      return { ...ends, protocol: PROTOCOL.udp, payload: text("hello") };
    }
    const seq = this.#newIsn();
    const key = keyOf(source, sourcePort, destination, destinationPort);
    this.#connections.set(key, { next: seq + 1, expected: 0, active: true, up: false });
    return {
      ...ends,
      protocol: PROTOCOL.tcp,
      flags: S,
      seq,
      ack: 0,
      window: 16384,
      // MSS, SACK, window scale and timestamps: 24 bytes.
      length: family === "inet" ? 64 : 84,
      tcpOptions: { mss: family === "inet" ? 1460 : 1440, sackPermitted: true, windowScale: 6 },
      payload: EMPTY,
    };
  }

  /** Acknowledgements that were held back. */
  late(): Packet[] {
    const owed: Packet[] = [];
    for (const connection of this.#connections.values()) {
      if (connection.owed !== undefined) owed.push(connection.owed);
      connection.owed = undefined;
    }
    return owed;
  }

  /** Whether an acknowledgement is about one of our initial sequence numbers: those are arbitrary. */
  acknowledgesOwn(ack: number): boolean {
    return this.#isns.has((ack - 1) >>> 0);
  }

  #newIsn(): number {
    this.#isn = (this.#isn + 0x01000193) >>> 0;
    this.#isns.add(this.#isn);
    return this.#isn;
  }

  #tcp(packet: TcpPacket, divert: Delivery["divert"], state: number | undefined): Packet[] {
    const key = keyOf(packet.destination, packet.destinationPort, packet.source, packet.sourcePort);
    const connection = this.#connections.get(key);
    const { flags } = packet;
    if (connection === undefined) {
      if (flags & R) return [];
      const divertPort = typeof divert === "object" ? divert.port : undefined;
      const listens =
        divertPort !== undefined
          ? LISTENING.has(divertPort) || LOOPBACK_LISTENING.has(divertPort)
          : LISTENING.has(packet.destinationPort) ||
            (isLoopbackAddress(packet.destination) && LOOPBACK_LISTENING.has(packet.destinationPort));
      if (!listens || (flags & (S | A)) !== S) return [resetOf(packet)];
      const seq = this.#newIsn();
      const made: Connection = { next: seq + 1, expected: packet.seq + 1, active: false, up: false, state };
      this.#connections.set(key, made);
      const syn = reply(packet, S | A, seq, packet.seq + 1, EMPTY);
      return [{ ...syn, tcpOptions: { mss: packet.family === "inet" ? 1460 : 1440 } }];
    }
    if (flags & R) {
      this.#connections.delete(key);
      if (connection.state !== undefined) this.#closed(connection.state);
      return [];
    }
    if (flags & S) return this.#synOnConnection(packet, connection);
    connection.up = true;
    connection.owed = undefined;
    const answers: Packet[] = [];
    if (packet.payload.length > 0) {
      if (packet.seq >>> 0 !== connection.expected >>> 0) {
        return [reply(packet, A, connection.next, connection.expected, EMPTY)];
      }
      connection.expected = (packet.seq + packet.payload.length) >>> 0;
      if (connection.active) connection.owed = reply(packet, A, connection.next, connection.expected, EMPTY);
      else {
        const world = text("world");
        // Twelve segments of 1460: what an accepted connection offers.
        answers.push({ ...reply(packet, P | A, connection.next, connection.expected, world), window: 17520 });
        connection.next += world.length;
      }
    }
    if (flags & F) {
      connection.expected = (connection.expected + 1) >>> 0;
      connection.owed = undefined;
      answers.push(reply(packet, A, connection.next, connection.expected, EMPTY));
    }
    return answers;
  }

  #synOnConnection(packet: TcpPacket, connection: Connection): Packet[] {
    if (connection.active && packet.flags & A && !connection.up) {
      connection.up = true;
      connection.expected = packet.seq + 1;
      const hello = text("hello");
      const first = reply(packet, A, connection.next, connection.expected, EMPTY);
      const second = reply(packet, P | A, connection.next, connection.expected, hello);
      connection.next += hello.length;
      return [first, second];
    }
    if (!connection.active && !connection.up) {
      const again = reply(packet, S | A, connection.next - 1, packet.seq + 1, EMPTY);
      return [{ ...again, tcpOptions: { mss: packet.family === "inet" ? 1460 : 1440 } }];
    }
    return [reply(packet, A, connection.next, connection.expected, EMPTY)];
  }

  #datagram(packet: UdpPacket, divert: Delivery["divert"]): Packet[] {
    if (typeof divert === "object") return divert.port === UDP_LOOPBACK_LISTENING ? [] : this.#unreachable(packet);
    const { destination, destinationPort } = packet;
    if (this.#udp.has(`${destination} ${destinationPort}`)) return [];
    if (destinationPort === UDP_LOOPBACK_LISTENING && isLoopbackAddress(destination)) return [];
    if (destinationPort !== UDP_LISTENING) return this.#unreachable(packet);
    // An unconnected socket answers from the address of the interface that the route leads to.
    const back = {
      source: this.#sourceFor(packet.source, packet.source) ?? destination,
      destination: packet.source,
      sourcePort: destinationPort,
      destinationPort: packet.sourcePort,
    };
    const { length: _, ...rest } = packet;
    return [{ ...rest, ...back, ttl: TTL, payload: text("reply") }];
  }

  #unreachable(packet: Packet): Packet[] {
    const { family } = packet;
    const source = this.#sourceFor(packet.destination, packet.source);
    if (source === undefined) return [];
    const length = packet.length ?? 0;
    return [
      {
        family,
        source,
        destination: packet.source,
        ttl: ICMP_TTL[family],
        tos: 0,
        protocol: family === "inet" ? PROTOCOL.icmp : PROTOCOL.icmp6,
        type: family === "inet" ? 3 : 1,
        code: family === "inet" ? 3 : 4,
        quoted: family === "inet" ? { ...packet, payload: EMPTY } : packet,
        length: family === "inet" ? 56 : 48 + length,
        payload: EMPTY,
      },
    ];
  }
}

const keyOf = (local: string, localPort: number, peer: string, peerPort: number): string =>
  `${local} ${localPort} ${peer} ${peerPort}`;

const isLoopbackAddress = (address: string): boolean => address === "::1" || address.startsWith("127.");

function reply(packet: TcpPacket, flags: number, seq: number, ack: number, payload: Uint8Array): TcpPacket {
  return {
    family: packet.family,
    source: packet.destination,
    destination: packet.source,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
    ttl: TTL,
    tos: 0,
    protocol: PROTOCOL.tcp,
    flags,
    seq: seq >>> 0,
    ack: ack >>> 0,
    window: 16384,
    payload,
  };
}

/** RFC 9293, 3.10.7.1. */
function resetOf(packet: TcpPacket): TcpPacket {
  if (packet.flags & A) return reply(packet, R, packet.ack, 0, EMPTY);
  const length = packet.payload.length + (packet.flags & S ? 1 : 0) + (packet.flags & F ? 1 : 0);
  return reply(packet, R | A, 0, packet.seq + length, EMPTY);
}
