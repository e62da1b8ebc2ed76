/**
 * The UDP of a node: bind a port, send, receive. It does what tests of rules and translation need.
 *
 * @example
 * const socket = udp.bind({ port: 53 }, (bytes, from) => socket.send(answer, from));
 */

import { ConnectionError, type Endpoint } from "../../../proxy/host.ts";
import { isUdp, type Packet, PROTOCOL } from "../../pf/packet.ts";
import { familyOf } from "../wire/address.ts";
import type { SendOutcome } from "./forwarder.ts";
import type { Divert, Node, Transport } from "./node.ts";

export interface UdpSocket {
  readonly port: number;
  /** From `source`, or the address that the route gives. */
  send(bytes: Uint8Array, to: Endpoint, source?: string): SendOutcome;
  close(): void;
}

/** `to`: the address that the sender dialled. */
export type Datagram = (bytes: Uint8Array, from: Endpoint, to: Endpoint) => void;

const EPHEMERAL = { first: 32_768, count: 28_232 } as const;

export class Udp implements Transport {
  readonly protocols = [PROTOCOL.udp];
  readonly #node: Node;
  readonly #sockets = new Map<number, Datagram>();

  constructor(node: Node) {
    this.#node = node;
    node.use(this);
  }

  /** On all addresses; port 0 or absent: a free one. Throws ConnectionError EADDRINUSE. */
  bind(options: { readonly port?: number }, receive: Datagram): UdpSocket {
    const port = options.port ? options.port : this.#freePort();
    if (this.#sockets.has(port)) throw new ConnectionError("EADDRINUSE", `udp port ${port}: already in use`);
    this.#sockets.set(port, receive);
    return {
      port,
      send: (bytes, to, source) => this.#send(port, bytes, to, source),
      close: () => this.#sockets.delete(port),
    };
  }

  receive(packet: Packet, divert: Divert): boolean {
    if (!isUdp(packet)) return true;
    const port = divert === undefined || divert === "reply" ? packet.destinationPort : divert.port;
    const socket = this.#sockets.get(port);
    if (socket === undefined) return false;
    this.#node.clock.wake();
    const from = { address: packet.source, port: packet.sourcePort };
    socket(new Uint8Array(packet.payload), from, { address: packet.destination, port: packet.destinationPort });
    return true;
  }

  #send(sourcePort: number, bytes: Uint8Array, to: Endpoint, from: string | undefined): SendOutcome {
    const source = from ?? this.#node.sourceFor(to.address);
    if (source === undefined) return "no-route";
    return this.#node.send({
      family: familyOf(to.address),
      source,
      destination: to.address,
      ttl: 64,
      tos: 0,
      protocol: PROTOCOL.udp,
      sourcePort,
      destinationPort: to.port,
      payload: new Uint8Array(bytes),
    });
  }

  #freePort(): number {
    const random = this.#node.random.stream("udp/ports");
    for (;;) {
      const port = EPHEMERAL.first + random.below(EPHEMERAL.count);
      if (!this.#sockets.has(port)) return port;
    }
  }
}
