/**
 * A simulated machine whose peers the caller plays: clients `arrive`, servers `accept` or `refuse`. Each address
 * beyond the machine is a peer, and packets take no time. Tests and the replay of captures run the real daemon on it.
 *
 * @example
 * const host = new ScriptedHost({ addresses: ["198.51.100.1"], random: new SeededRandom(1) });
 * host.onDial = (dialled) => dialled.accept((server) => server.write(greeting));
 * const client = host.arrive({ address: "10.0.0.2", port: 40000 }, { address: "198.51.100.9", port: 21 });
 * await host.clock.advance(10);
 */

import type { Connection, ConnectionErrorCode, Endpoint, Random } from "../../../proxy/host.ts";
import { Node } from "../../net/ip/node.ts";
import type { TcpConnection } from "../../net/tcp/connection.ts";
import { connectionKey } from "../../net/tcp/listener.ts";
import { LINUX } from "../../net/tcp/settings.ts";
import { TcpStack } from "../../net/tcp/stack.ts";
import { VirtualClock } from "../../net/time/clock.ts";
import { SeededRandom } from "../../net/time/random.ts";
import { isTcp, type Packet, TCP_FLAG, type TcpPacket } from "../../pf/packet.ts";
import { type LogLine, SimHost } from "./host.ts";
import { SimSocket } from "./socket.ts";

/** A connection that the host is trying to make. */
export interface Dialled {
  readonly target: Endpoint;
  accept(onConnection: (server: Connection) => void): void;
  /** RST, ICMP or an error of connect(2) itself. */
  refuse(code: ConnectionErrorCode): void;
}

export interface ScriptedHostOptions {
  /** The host's own; outgoing connections come from the first of their family. */
  readonly addresses: readonly string[];
  readonly random: Random;
  readonly log?: (line: LogLine) => void;
}

/** No packet of the peers is cut. */
const MTU = 65_535;
/** What is over is soon forgotten. */
const TCP = { ...LINUX, receiveBuffer: 65_536, timeWaitMs: 1000, finWait2Ms: 1000 };
/** Where the peers' stack accepts every connection that the caller accepts. */
const PEERS = { address: "0.0.0.0", port: 1 };

export class ScriptedHost extends SimHost {
  readonly logged: LogLine[] = [];
  /** Decides about every outgoing connection; without it no connection is answered. */
  onDial: ((dialled: Dialled) => void) | undefined;
  readonly #peers: TcpStack;
  /** By connection, until its handshake is done. */
  readonly #accepting = new Map<string, (server: Connection) => void>();

  constructor({ addresses, random, log }: ScriptedHostOptions) {
    const clock = new VirtualClock(0);
    const node = new Node("scripted", clock, new SeededRandom(1));
    super(node, {
      random,
      tcp: TCP,
      log: (line) => {
        this.logged.push(line);
        log?.(line);
      },
    });
    node.attach(
      { name: "em0", addresses },
      {
        mtu: MTU,
        attach: () => {},
        carry: (_from, packet) => {
          clock.schedule(0, () => this.#toPeers(packet));
          return true;
        },
      },
    );
    for (const prefix of ["0.0.0.0/0", "::/0"]) node.routes.add({ prefix, interface: "em0" });
    this.#peers = new TcpStack(
      {
        name: "peers",
        clock,
        random: new SeededRandom(2),
        use: () => {},
        isOwn: () => true,
        sourceFor: (address) => address,
        mtuTo: () => MTU,
        send: (packet) => {
          clock.schedule(0, () => this.tcp.receive(packet, this.#listening));
          return "sent";
        },
      },
      TCP,
    );
    this.#peers.listen({ ...PEERS, backlog: Number.POSITIVE_INFINITY, accept: (tcp) => this.#accepted(tcp) });
  }

  /** A client connects; `dialled` is what the accepted socket shows as its own end. Undefined: there is no listener. */
  arrive(from: Endpoint, dialled: Endpoint): Connection | undefined {
    if (this.#listening === undefined) return undefined;
    if (this.node.isOwn(from.address)) return this.connect({ ...dialled, local: from });
    return new SimSocket(this.clock, this.#peers.connect({ local: from, remote: dialled }));
  }

  /** As a divert-to rule has it: what is for any address reaches the one listener. */
  get #listening(): Endpoint | undefined {
    const [listener] = this.tcp.listeners;
    return listener && { address: listener.address ?? PEERS.address, port: listener.port };
  }

  #toPeers(packet: Packet): void {
    if (!isTcp(packet)) return;
    if ((packet.flags & (TCP_FLAG.S | TCP_FLAG.A)) !== TCP_FLAG.S) this.#peers.receive(packet, undefined);
    else this.#dialling(packet);
  }

  #dialling(syn: TcpPacket): void {
    const target = { address: syn.destination, port: syn.destinationPort };
    const local = { address: syn.source, port: syn.sourcePort };
    const near = this.tcp.connection(local, target);
    if (near === undefined || near.timers.retries > 0) return;
    this.onDial?.({
      target,
      accept: (onConnection) => {
        if (near.state !== "SYN_SENT") return;
        this.#accepting.set(connectionKey(target, local), onConnection);
        this.#peers.receive(syn, PEERS);
      },
      refuse: (code) => near.end(code),
    });
  }

  #accepted(tcp: TcpConnection): void {
    const key = connectionKey(tcp.local, tcp.remote);
    this.#accepting.get(key)?.(new SimSocket(this.clock, tcp));
    this.#accepting.delete(key);
  }
}
