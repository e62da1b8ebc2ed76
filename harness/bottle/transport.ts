/**
 * One Host connection as a Node stream needs it: asks for bytes when the reader wants them, calls a
 * writer back when the network has taken its bytes, and keeps addresses and byte counts.
 *
 * TLS takes a connection over by setting another reader: a `Wire`, the raw stream beneath Node's TLS.
 *
 * @example
 * const transport = new Transport(runtime, socket, { connected, ready, active, failed });
 * transport.connecting = true;
 * transport.dial({ address: "198.51.100.7", port: 21 });
 * transport.transmit(bytes, callback);
 */

import { Duplex, type Readable } from "node:stream";
import type { Connection, ConnectionError, ConnectOptions } from "../../proxy/host.ts";
import { type NodeAddress, networkAddress, nodeAddress } from "./address.ts";
import type { Resource, Runtime } from "./runtime.ts";
import { networkError, nodeError } from "./system-error.ts";

export type StreamCallback = (error?: Error | null) => void;

export interface TransportEvents {
  readonly connected: () => void;
  /** Bytes written before the handshake are on their way. */
  readonly ready: () => void;
  /** Bytes went either way. */
  readonly active: () => void;
  readonly failed: (error: Error) => void;
}

export class Transport implements Resource {
  reader: Readable;
  /** From `connect` to the end of the handshake: writes wait. */
  connecting = false;
  bytesRead = 0;
  bytesSent = 0;
  remote: NodeAddress | undefined;
  local: NodeAddress | undefined;
  readonly #runtime: Runtime;
  readonly #events: TransportEvents;
  #connection: Connection | undefined;
  /** The reader has room; the connection learns it once there is one. */
  #wanted = false;
  /** A write that the network has not taken yet. */
  #unsent: StreamCallback | undefined;
  /** Writes and the end that wait for the handshake. */
  #whenConnected: ((error?: Error) => void)[] = [];

  constructor(runtime: Runtime, reader: Readable, events: TransportEvents) {
    this.#runtime = runtime;
    this.reader = reader;
    this.#events = events;
  }

  get open(): boolean {
    return this.#connection !== undefined;
  }

  dial(options: ConnectOptions): void {
    const address = networkAddress(options.address);
    this.#attach(this.#runtime.host.connect({ ...options, address }), options);
  }

  accept(connection: Connection, dualStack: boolean): void {
    this.remote = nodeAddress(connection.remote, dualStack);
    this.local = nodeAddress(connection.local, dualStack);
    this.#attach(connection, connection.remote);
  }

  #attach(connection: Connection, peer: { readonly address: string; readonly port: number }): void {
    this.#connection = connection;
    this.#runtime.track(this);
    // Without a reader nothing is read, and the window fills as it would in a kernel.
    connection.pause();
    // Events for a connection that was closed here are dropped.
    const deliver = (run: () => void): void => {
      if (this.#connection !== connection) return;
      this.#runtime.deliver(() => {
        if (this.#connection === connection) run();
      });
    };
    connection.handle({
      onConnect: () => deliver(() => this.#connected(connection)),
      onData: (bytes) => deliver(() => this.#received(bytes)),
      onEnd: () => deliver(() => this.#ended()),
      onDrain: () => deliver(() => this.#sent()),
      onClose: (error) => deliver(() => this.#closed(error, peer)),
    });
  }

  #connected(connection: Connection): void {
    this.connecting = false;
    this.remote = nodeAddress(connection.remote);
    this.local = nodeAddress(connection.local);
    this.#events.connected();
    const waiting = this.#whenConnected;
    this.#whenConnected = [];
    for (const go of waiting) go();
    this.#events.ready();
    if (this.#wanted) this.#connection?.resume();
  }

  #received(bytes: Uint8Array): void {
    this.bytesRead += bytes.length;
    this.#events.active();
    const wantsMore = this.reader.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.#wanted = wantsMore;
    if (!wantsMore) this.#connection?.pause();
  }

  #ended(): void {
    this.#events.active();
    this.reader.push(null);
    // As in Node, a socket without a reader learns of the end, unless bytes are still waiting in it.
    this.reader.read(0);
  }

  #sent(): void {
    this.#events.active();
    const callback = this.#unsent;
    this.#unsent = undefined;
    callback?.();
  }

  #closed(error: ConnectionError | undefined, peer: { readonly address: string; readonly port: number }): void {
    this.#connection = undefined;
    this.#runtime.untrack(this);
    if (error === undefined) this.#sent();
    else if (this.connecting) this.#events.failed(networkError(error.code, "connect", peer.address, peer.port));
    else this.#events.failed(networkError(error.code, error.code === "EPIPE" ? "write" : "read"));
  }

  /** The reader has room. */
  resume(): void {
    this.#runtime.tlsHold.touch();
    this.#wanted = true;
    if (!this.connecting) this.#connection?.resume();
  }

  /** Calls back when the network has taken the bytes. */
  transmit(bytes: Uint8Array, callback: StreamCallback): void {
    this.#runtime.tlsHold.touch();
    if (this.connecting) {
      this.#whenConnected.push((error) => (error === undefined ? this.transmit(bytes, callback) : callback(error)));
      return;
    }
    if (this.#connection === undefined) {
      callback(networkError("EPIPE", "write"));
      return;
    }
    this.#events.active();
    this.bytesSent += bytes.length;
    // A copy: the network may keep the bytes, and the library may use its buffer again.
    if (this.#connection.write(Uint8Array.from(bytes))) callback();
    else this.#unsent = callback;
  }

  /** FIN after what was written. */
  finish(callback: StreamCallback): void {
    this.#runtime.tlsHold.touch();
    if (this.connecting) {
      this.#whenConnected.push((error) => (error === undefined ? this.finish(callback) : callback(error)));
      return;
    }
    this.#connection?.end();
    callback();
  }

  setKeepAlive(on: boolean): void {
    this.#connection?.setKeepAlive(on);
  }

  /** close(2), or RST; pending writes fail. */
  close(how: "close" | "reset", error: Error | null): void {
    this.#runtime.tlsHold.touch();
    const connection = this.#connection;
    this.#connection = undefined;
    if (how === "reset" || this.connecting) connection?.reset();
    else connection?.close();
    this.connecting = false;
    this.#runtime.untrack(this);
    const waiting = this.#whenConnected;
    this.#whenConnected = [];
    const early = nodeError(
      "ERR_SOCKET_CLOSED_BEFORE_CONNECTION",
      "Socket closed before the connection was established",
    );
    for (const stop of waiting) stop(error ?? early);
    const unsent = this.#unsent;
    this.#unsent = undefined;
    unsent?.(error ?? nodeError("ERR_STREAM_DESTROYED", "Cannot call write after a stream was destroyed"));
  }

  release(): void {
    this.#connection?.reset();
    this.#connection = undefined;
  }
}

export class Wire extends Duplex {
  readonly #socket: Duplex;
  readonly #transport: Transport;

  constructor(socket: Duplex, transport: Transport) {
    // Half-open, and not destroyed by its own ends: TLS says its goodbye (close_notify) after the peer's FIN.
    super({ allowHalfOpen: true, autoDestroy: false });
    this.#socket = socket;
    this.#transport = transport;
    socket.once("close", () => this.destroy());
  }

  override _read(): void {
    this.#transport.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: StreamCallback): void {
    this.#transport.transmit(chunk, callback);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: StreamCallback): void {
    this.#transport.transmit(Buffer.concat(chunks.map(({ chunk }) => chunk)), callback);
  }

  override _final(callback: StreamCallback): void {
    this.#transport.finish(callback);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#socket.destroy();
    callback(error);
  }
}
