/**
 * The TCP of one node: finds the connection or listener of a segment, refuses segments without one, and chooses
 * ports.
 *
 * A listener on an address comes before one on all addresses. A program may listen on a port while old connections
 * of it still wait (SO_REUSEADDR), but two listeners on one address and port are an error.
 *
 * @example
 * const tcp = new TcpStack(node, LINUX);
 * tcp.listen({ port: 21, accept: (connection) => … });
 */

import { ConnectionError, type Endpoint } from "../../../proxy/host.ts";
import { isTcp, type Packet, PROTOCOL, TCP_FLAG, type TcpPacket } from "../../pf/packet.ts";
import type { SendOutcome } from "../ip/forwarder.ts";
import type { IcmpErrorKind } from "../ip/icmp-error.ts";
import type { Divert, Node, Transport } from "../ip/node.ts";
import type { VirtualClock } from "../time/clock.ts";
import type { SeededRandom } from "../time/random.ts";
import { familyOf } from "../wire/address.ts";
import { segmentArrives, synArrives } from "./arrive.ts";
import { TcpConnection, type TcpEnvironment } from "./connection.ts";
import { icmpArrives } from "./icmp-arrives.ts";
import { connectionKey, DEFAULT_BACKLOG, listenerKey, type TcpListener } from "./listener.ts";
import { refusal } from "./refusal.ts";
import type { TcpSettings } from "./settings.ts";
import { Timers } from "./timers.ts";
import { sendSyn } from "./transmit.ts";
import { abort } from "./user-calls.ts";

const WILDCARD = { inet: "0.0.0.0", inet6: "::" } as const;

/** The machine that the stack is on. */
export type TcpHost = Pick<Node, "name" | "clock" | "random" | "use" | "isOwn" | "sourceFor" | "mtuTo" | "send">;

export interface TcpConnectOptions {
  readonly remote: Endpoint;
  /** Address absent: by the route. Port 0 or absent: an ephemeral one. */
  readonly local?: { readonly address?: string; readonly port?: number };
}

export class TcpStack implements Transport, TcpEnvironment {
  readonly protocols = [PROTOCOL.tcp];
  readonly clock: VirtualClock;
  readonly #node: TcpHost;
  readonly #settings: TcpSettings;
  readonly #sequences: SeededRandom;
  readonly #ports: SeededRandom;
  readonly #connections = new Map<string, TcpConnection>();
  readonly #listeners = new Map<string, TcpListener>();
  readonly #leftToIcmp = new Set<number>();

  constructor(node: TcpHost, settings: TcpSettings) {
    this.#node = node;
    this.#settings = settings;
    this.clock = node.clock;
    this.#sequences = node.random.stream("tcp/sequences");
    this.#ports = node.random.stream("tcp/ports");
    node.use(this);
  }

  get connections(): readonly TcpConnection[] {
    return [...this.#connections.values()];
  }

  get listeners(): readonly TcpListener[] {
    return [...this.#listeners.values()];
  }

  connection(local: Endpoint, remote: Endpoint): TcpConnection | undefined {
    return this.#connections.get(connectionKey(local, remote));
  }

  /** Throws ConnectionError EADDRINUSE or EADDRNOTAVAIL. */
  listen(options: {
    readonly address?: string;
    readonly port: number;
    readonly backlog?: number;
    readonly accept: (connection: TcpConnection) => void;
  }): TcpListener {
    const { address } = options;
    if (address !== undefined && !isWildcard(address) && !this.#node.isOwn(address)) {
      throw new ConnectionError("EADDRNOTAVAIL", `listen ${address}: ${this.#node.name} does not have that address`);
    }
    const port = options.port === 0 ? this.#freePort((one) => !this.#isListening(address, one)) : options.port;
    if (port === undefined || this.#isListening(address, port)) {
      throw new ConnectionError("EADDRINUSE", `listen ${address ?? "*"} port ${options.port}: already in use`);
    }
    const backlog = Math.max(1, options.backlog ?? DEFAULT_BACKLOG);
    const listener: TcpListener = { address, port, backlog, accept: options.accept, halfOpen: new Set() };
    this.#listeners.set(listenerKey(address, port), listener);
    return listener;
  }

  /** Stops listening; half-open connections are reset. */
  unlisten(listener: TcpListener): void {
    this.#listeners.delete(listenerKey(listener.address, listener.port));
    for (const connection of [...listener.halfOpen]) abort(connection);
    listener.halfOpen.clear();
  }

  /** From now on the node answers a SYN to that port with an ICMP error. */
  leaveToIcmp(port: number): void {
    this.#leftToIcmp.add(port);
  }

  /** Makes the connection and sends its SYN; throws ConnectionError where that is impossible. */
  connect({ remote, local }: TcpConnectOptions): TcpConnection {
    const route = this.#node.sourceFor(remote.address);
    if (route === undefined) {
      throw new ConnectionError("ENETUNREACH", `connect ${remote.address}: no route from ${this.#node.name}`);
    }
    const asked = local?.address === undefined || isWildcard(local.address) ? undefined : local.address;
    if (asked !== undefined && (!this.#node.isOwn(asked) || familyOf(asked) !== familyOf(remote.address))) {
      throw new ConnectionError("EADDRNOTAVAIL", `connect from ${asked}: ${this.#node.name} cannot use that address`);
    }
    const address = asked ?? route;
    const isFree = (port: number): boolean => this.connection({ address, port }, remote) === undefined;
    const port = local?.port ? local.port : this.#freePort(isFree);
    if (port === undefined || !isFree(port)) {
      throw new ConnectionError(
        port === undefined ? "EADDRNOTAVAIL" : "EADDRINUSE",
        `connect from ${address} port ${port ?? "any"} to ${remote.address} port ${remote.port}: in use`,
      );
    }
    const connection = this.#make({ address, port }, remote, true);
    connection.state = "SYN_SENT";
    const outcome = sendSyn(connection);
    if (outcome === "blocked") {
      connection.end();
      // ip_output: a packet that pf(4) does not let out makes connect(2) fail with EACCES.
      throw new ConnectionError(
        "EACCES",
        `connect ${remote.address} port ${remote.port}: blocked by the packet filter`,
      );
    }
    return connection;
  }

  receive(packet: Packet, divert: Divert): boolean {
    if (!isTcp(packet)) return true;
    if ((packet.flags & TCP_FLAG.S) !== 0 && this.#leftToIcmp.has(packet.destinationPort)) return false;
    const local = { address: packet.destination, port: packet.destinationPort };
    const remote = { address: packet.source, port: packet.sourcePort };
    const connection = this.connection(local, remote);
    if (connection !== undefined && !this.#givesWay(connection, packet)) {
      segmentArrives(connection, packet);
      return true;
    }
    connection?.end();
    const target = divert === undefined || divert === "reply" ? local : divert;
    const listener = this.#listenerFor(target);
    if (listener === undefined || (packet.flags & TCP_FLAG.A) !== 0) this.#refuse(packet);
    else if ((packet.flags & (TCP_FLAG.S | TCP_FLAG.R)) === TCP_FLAG.S) this.#open(listener, local, remote, packet);
    return true;
  }

  /** An ICMP error about a segment that was sent from here. */
  reportError(kind: IcmpErrorKind, quoted: Packet): void {
    if (!isTcp(quoted)) return;
    const local = { address: quoted.source, port: quoted.sourcePort };
    const remote = { address: quoted.destination, port: quoted.destinationPort };
    const connection = this.connection(local, remote);
    if (connection !== undefined) icmpArrives(connection, kind, quoted);
  }

  output(packet: Packet): SendOutcome {
    return this.#node.send(packet);
  }

  mtuTo(destination: string): number {
    return this.#node.mtuTo(destination);
  }

  accepted(connection: TcpConnection): void {
    for (const listener of this.#listeners.values()) {
      if (listener.halfOpen.delete(connection)) listener.accept(connection);
    }
  }

  forget(connection: TcpConnection): void {
    const key = connectionKey(connection.local, connection.remote);
    if (this.#connections.get(key) === connection) this.#connections.delete(key);
    for (const listener of this.#listeners.values()) listener.halfOpen.delete(connection);
  }

  /** A new SYN beyond the old connection's end may take the place of one in TIME_WAIT (RFC 9293, 3.6.1; RFC 1122, 4.2.2.13). */
  #givesWay(connection: TcpConnection, packet: TcpPacket): boolean {
    if (connection.state !== "TIME_WAIT" || (packet.flags & (TCP_FLAG.S | TCP_FLAG.A)) !== TCP_FLAG.S) return false;
    return connection.peerPositionOf(packet.seq) > connection.expected;
  }

  #open(listener: TcpListener, local: Endpoint, remote: Endpoint, syn: TcpPacket): void {
    if (listener.halfOpen.size >= listener.backlog) return;
    const connection = this.#make(local, remote, false);
    listener.halfOpen.add(connection);
    synArrives(connection, syn);
  }

  #make(local: Endpoint, remote: Endpoint, active: boolean): TcpConnection {
    const initialSequence = this.#sequences.word();
    const connection = new TcpConnection({
      environment: this,
      settings: this.#settings,
      local,
      remote,
      initialSequence,
      active,
      timers: (owner) => new Timers(owner),
    });
    this.#connections.set(connectionKey(local, remote), connection);
    return connection;
  }

  #refuse(packet: TcpPacket): void {
    if ((packet.flags & TCP_FLAG.R) === 0) this.output(refusal(packet));
  }

  #listenerFor({ address, port }: Endpoint): TcpListener | undefined {
    return (
      this.#listeners.get(listenerKey(address, port)) ??
      this.#listeners.get(listenerKey(WILDCARD[familyOf(address)], port)) ??
      this.#listeners.get(listenerKey(undefined, port))
    );
  }

  #isListening(address: string | undefined, port: number): boolean {
    return this.#listeners.has(listenerKey(address, port));
  }

  /** A random start, then upwards (RFC 6056, algorithm 1). */
  #freePort(isFree: (port: number) => boolean): number | undefined {
    const [first, last] = this.#settings.ephemeralPorts;
    const count = last - first + 1;
    const start = this.#ports.below(count);
    for (let step = 0; step < count; step++) {
      const port = first + ((start + step) % count);
      if (isFree(port)) return port;
    }
    return undefined;
  }
}

const isWildcard = (address: string): boolean => address === WILDCARD.inet || address === WILDCARD.inet6;
