/**
 * The firewall's own sockets in the decision cases: the simulator's TCP with listeners that accept and answer
 * "world", a UDP service and ping. Connections that the firewall itself opens say "hello".
 */

import type { SendOutcome } from "../../../net/ip/forwarder.ts";
import { ICMP_TTL } from "../../../net/ip/icmp-error.ts";
import type { Divert } from "../../../net/ip/node.ts";
import type { TcpConnection } from "../../../net/tcp/connection.ts";
import { connectionKey } from "../../../net/tcp/listener.ts";
import { OPENBSD } from "../../../net/tcp/settings.ts";
import { type TcpHost, TcpStack } from "../../../net/tcp/stack.ts";
import { read, write } from "../../../net/tcp/user-calls.ts";
import { VirtualClock } from "../../../net/time/clock.ts";
import { SeededRandom } from "../../../net/time/random.ts";
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

const text = (string: string) => new TextEncoder().encode(string);
const TTL = 64;
const UDP_PORT = 53;
const UDP_LOOPBACK_PORT = 8053;
/** tcp_timer.h: TCP_DELACK_MSECS. */
const SETTINGS = { ...OPENBSD, receiveBuffer: 17_520, windowScaling: false, delayedAckMs: 200 };
const ANSWER = text("world");

/** The host of the sockets. */
export interface SocketHost {
  send(packet: Packet): SendOutcome;
  isOwn(address: string): boolean;
  /** First own address towards a host. */
  sourceFor(destination: string, host: string): string | undefined;
  unreachable(packet: Packet): void;
  /** A socket has gone: its state goes with it. */
  closed(state: number): void;
}

export class Sockets {
  readonly #host: SocketHost;
  readonly #clock = new VirtualClock();
  readonly #tcp: TcpStack;
  /** Calls of programs, which come after the packet that woke them. */
  readonly #calls: (() => void)[] = [];
  readonly #states = new Map<string, number>();
  readonly #initialSequences = new Set<number>();
  readonly #udp = new Set<string>();
  /** Ports of connections that the firewall opened. */
  readonly #opened = new Set<number>();

  constructor(host: SocketHost) {
    this.#host = host;
    const machine: TcpHost = {
      name: "firewall",
      clock: this.#clock,
      random: new SeededRandom(1),
      use: () => {},
      isOwn: (address) => host.isOwn(address),
      sourceFor: (destination) => host.sourceFor(destination, destination),
      mtuTo: () => 1500,
      send: (packet) => host.send(isTcp(packet) ? this.#asKernel(packet) : packet),
    };
    this.#tcp = new TcpStack(machine, SETTINGS);
    const accept = (connection: TcpConnection) => this.#answer(connection);
    this.#tcp.listen({ port: 22, accept });
    for (const address of ["127.0.0.1", "::1"]) {
      for (const port of [8021, 8022]) this.#tcp.listen({ address, port, accept });
    }
  }

  receive(packet: Packet, divert: Divert, state: number | undefined): void {
    if (isTcp(packet)) this.#tcpArrives(packet, divert, state);
    else if (isUdp(packet)) this.#datagram(packet, divert);
    else if (isIcmp(packet) && packet.type === (packet.family === "inet" ? 8 : 128)) {
      const back = { source: packet.destination, destination: packet.source, ttl: ICMP_TTL[packet.family] };
      this.#host.send({ ...packet, ...back, type: packet.family === "inet" ? 0 : 129 });
    }
    for (const call of this.#calls.splice(0)) call();
  }

  /** The firewall opens a connection, or sends a datagram. Throws ConnectionError. */
  open(
    proto: "tcp" | "udp",
    source: string,
    sourcePort: number,
    destination: string,
    destinationPort: number,
  ): boolean {
    if (proto === "udp") {
      this.#udp.add(`${source} ${sourcePort}`);
      const family = destination.includes(":") ? "inet6" : "inet";
      const ends = { family, source, destination, sourcePort, destinationPort, ttl: TTL, tos: 0 } as const;
      return this.#host.send({ ...ends, protocol: PROTOCOL.udp, payload: text("hello") }) === "sent";
    }
    this.#opened.add(sourcePort);
    try {
      const remote = { address: destination, port: destinationPort };
      const connection = this.#tcp.connect({ remote, local: { address: source, port: sourcePort } });
      connection.user = {
        connected: () => void this.#calls.push(() => write(connection, text("hello"))),
        readable: () => void taken(connection),
        progressed() {},
        closed() {},
      };
      return true;
    } catch {
      return false;
    }
  }

  /** Time passes: acknowledgements that were held back leave. */
  wait(milliseconds: number): void {
    this.#clock.pass(milliseconds);
  }

  /** Whether an acknowledgement is about one of our initial sequence numbers: those are arbitrary. */
  acknowledgesOwn(ack: number): boolean {
    return this.#initialSequences.has((ack - 1) >>> 0);
  }

  #tcpArrives(packet: TcpPacket, divert: Divert, state: number | undefined): void {
    const local = { address: packet.destination, port: packet.destinationPort };
    const key = connectionKey(local, { address: packet.source, port: packet.sourcePort });
    const known = () => this.#tcp.connections.some((one) => connectionKey(one.local, one.remote) === key);
    const before = known();
    this.#tcp.receive(packet, divert);
    if (!before && state !== undefined && known()) this.#states.set(key, state);
    const own = this.#states.get(key);
    if (own === undefined || known()) return;
    this.#states.delete(key);
    this.#host.closed(own);
  }

  #answer(connection: TcpConnection): void {
    connection.user = {
      connected() {},
      readable: () => {
        if (taken(connection) > 0) write(connection, ANSWER);
      },
      progressed() {},
      closed() {},
    };
  }

  /**
   * With the windows that OpenBSD offers: 16384, and twelve segments of 1460 once a program of an accepted connection
   * has read. Its own SYN has MSS, SACK, window scale and timestamps: 24 bytes.
   */
  #asKernel(packet: TcpPacket): TcpPacket {
    const { S, A, R } = TCP_FLAG;
    if ((packet.flags & R) !== 0) return packet;
    const answers = packet.payload.length > 0 && !this.#opened.has(packet.sourcePort);
    const sent = { ...packet, window: answers ? 17_520 : 16_384 };
    if ((packet.flags & S) === 0) return sent;
    this.#initialSequences.add(packet.seq);
    if ((packet.flags & A) !== 0) return sent;
    const tcpOptions = { ...packet.tcpOptions, sackPermitted: true, windowScale: 6 };
    return { ...sent, length: packet.family === "inet" ? 64 : 84, tcpOptions };
  }

  #datagram(packet: UdpPacket, divert: Divert): void {
    const { source, destination, sourcePort, destinationPort } = packet;
    const loopback = destination === "::1" || destination.startsWith("127.");
    const silent =
      typeof divert === "object"
        ? divert.port === UDP_LOOPBACK_PORT
        : this.#udp.has(`${destination} ${destinationPort}`) || (loopback && destinationPort === UDP_LOOPBACK_PORT);
    if (silent) return;
    if (typeof divert === "object" || destinationPort !== UDP_PORT) {
      this.#host.unreachable(packet);
      return;
    }
    // An unconnected socket answers from the address of the interface that the route leads to.
    const from = this.#host.sourceFor(source, source) ?? destination;
    const { length: _, ...rest } = packet;
    const back = { source: from, destination: source, sourcePort: destinationPort, destinationPort: sourcePort };
    this.#host.send({ ...rest, ...back, ttl: TTL, payload: text("reply") });
  }
}

/** The program reads all bytes; answers their number. */
function taken(connection: TcpConnection): number {
  const { unread } = connection.receiveQueue;
  connection.receiveQueue.discard();
  if (unread > 0) read(connection);
  return unread;
}
