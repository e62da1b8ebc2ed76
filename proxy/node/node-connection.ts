/**
 * A TCP connection of Node as a `Connection`. Half-open sockets stay half-open, nothing is read before
 * handlers are there, and errors carry errno(2) names.
 *
 * @example
 * const connection = NodeConnection.accepted(socket);
 * connection.handle({ onData: (bytes) => connection.write(bytes) });
 */

import type { Socket } from "node:net";
import { connectionErrorOf } from "../errno.ts";
import { type Connection, ConnectionError, type ConnectionHandlers, type Endpoint } from "../host.ts";

/** An error that Node reports. */
export function connectionError(error: unknown): ConnectionError {
  const { code = "", message } = error as { readonly code?: string; readonly message?: string };
  return connectionErrorOf(code, message ?? String(error));
}

export class NodeConnection implements Connection {
  readonly remote: Endpoint;
  readonly attempted?: Promise<void>;
  readonly #socket: Socket;
  #local: Endpoint;
  #handlers: ConnectionHandlers | undefined;
  #error: ConnectionError | undefined;
  #paused = false;
  /** Events that came before there were handlers. */
  #early: ((handlers: ConnectionHandlers) => void)[] = [];

  private constructor(socket: Socket, local: Endpoint, remote: Endpoint, dialled: boolean) {
    this.#socket = socket;
    this.#local = local;
    this.remote = remote;
    socket.on("data", (bytes: Buffer) => this.#emit((handlers) => handlers.onData?.(bytes)));
    socket.on("end", () => this.#emit((handlers) => handlers.onEnd?.()));
    socket.on("drain", () => this.#emit((handlers) => handlers.onDrain?.()));
    socket.on("connect", () => this.#emit((handlers) => handlers.onConnect?.()));
    socket.on("error", (error) => {
      this.#error ??= connectionError(error);
    });
    socket.on("close", () => this.#emit((handlers) => handlers.onClose?.(this.#error)));
    socket.pause();
    if (dialled) this.attempted = this.#attempt();
  }

  static accepted(socket: Socket): NodeConnection {
    const local = { address: plain(socket.localAddress), port: socket.localPort ?? 0 };
    return new NodeConnection(
      socket,
      local,
      { address: plain(socket.remoteAddress), port: socket.remotePort ?? 0 },
      false,
    );
  }

  /** `socket` has just begun to connect to `target`. */
  static dialled(socket: Socket, target: Endpoint): NodeConnection {
    return new NodeConnection(socket, { address: "", port: 0 }, target, true);
  }

  get local(): Endpoint {
    return this.#local;
  }

  get pending(): number {
    return this.#socket.writableLength;
  }

  handle(handlers: ConnectionHandlers): void {
    const first = this.#handlers === undefined;
    this.#handlers = handlers;
    if (!first) return;
    const early = this.#early;
    this.#early = [];
    for (const event of early) queueMicrotask(() => event(this.#handlers ?? {}));
    if (!this.#paused) this.#socket.resume();
  }

  write(bytes: Uint8Array): boolean {
    return this.#socket.destroyed || this.#socket.writableEnded ? true : this.#socket.write(bytes);
  }

  writeUrgent(_bytes: Uint8Array): void {
    throw new ConnectionError("EIO", "Node cannot send urgent data");
  }

  end(): void {
    this.#socket.end();
  }

  close(): void {
    this.#socket.destroySoon();
  }

  reset(): void {
    this.#handlers = {};
    this.#socket.resetAndDestroy();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#handlers !== undefined) this.#socket.resume();
  }

  setKeepAlive(on: boolean): void {
    this.#socket.setKeepAlive(on);
  }

  #emit(event: (handlers: ConnectionHandlers) => void): void {
    if (this.#handlers === undefined) this.#early.push(event);
    else event(this.#handlers);
  }

  /** Node calls connect(2) one tick late; then the kernel has chosen our address, or refused. */
  #attempt(): Promise<void> {
    return new Promise((resolve) => {
      process.nextTick(() => {
        if (this.#socket.destroyed) {
          this.#socket.once("close", () => resolve());
          return;
        }
        const { address, port } = this.#socket.address() as Partial<Endpoint>;
        this.#local = { address: plain(address), port: port ?? 0 };
        resolve();
      });
    });
  }
}

/** Without a scope id, and IPv4 as IPv4 where a socket serves both families. */
function plain(address: string | undefined): string {
  return (address ?? "").replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/, "");
}
