/**
 * net.Socket over a Host's connection: a Duplex with the surface that FTP libraries use.
 *
 * It promises what Node promises: `connect`, `ready`, `data`, `end`, `drain`, `timeout`, `error` before
 * `close(hadError)`; back-pressure both ways (a reader that stops closes the window, a write calls
 * back when the network has taken it); half-close by `allowHalfOpen`. All times are the host's.
 *
 * @example
 * const socket = new Socket(runtime, { allowHalfOpen: false });
 * socket.connect({ host: "198.51.100.7", port: 21 }, () => socket.write("NOOP\r\n"));
 */
import { nextTick } from "node:process";
import { Duplex } from "node:stream";
import type { Connection } from "../../proxy/host.ts";
import type { IdleLimit } from "../../proxy/idle-limit.ts";
import { type DialOptions, type NodeAddress, readArguments, readPort, resolveHost } from "./address.ts";
import type { Runtime } from "./runtime.ts";
import { nodeError } from "./system-error.ts";
import { idleTimer } from "./timers.ts";
import { type StreamCallback, Transport, Wire } from "./transport.ts";

export interface SocketOptions {
  readonly allowHalfOpen?: boolean;
}

export class Socket extends Duplex {
  timeout = 0;
  /** The server that accepted this socket. */
  server: unknown = null;
  readonly #runtime: Runtime;
  readonly #idle: IdleLimit;
  readonly #transport: Transport;
  #wire: Wire | undefined;
  #wireActive: () => void = () => {};
  #closing: "close" | "reset" = "close";

  constructor(runtime: Runtime, options: SocketOptions = {}) {
    super({ allowHalfOpen: options.allowHalfOpen === true, emitClose: false, autoDestroy: true });
    this.#runtime = runtime;
    this.#idle = idleTimer(runtime, () => this.emit("timeout"));
    this.#transport = new Transport(runtime, this, {
      connected: () => this.#connected(),
      ready: () => this.#ready(),
      active: () => {
        this.#idle.touch();
        this.#wireActive();
      },
      failed: (error) => this.#failed(error),
    });
  }

  /** Takes a connection that a server accepted. */
  accept(connection: Connection, dualStack: boolean, paused: boolean): void {
    this.#transport.accept(connection, dualStack);
    if (paused) this.pause();
    else this.read(0);
  }

  connect(...args: unknown[]): this {
    const { options, listener } = readArguments(args);
    if (options.port === undefined) {
      throw nodeError("ERR_MISSING_ARGS", 'The "options" or "port" or "path" argument must be specified');
    }
    const port = readPort(options.port);
    if (listener !== undefined) this.once("connect", listener);
    this.#runtime.tlsHold.touch();
    this.#transport.connecting = true;
    this.#idle.touch();
    nextTick(() => this.#dial(port, options));
    return this;
  }

  #dial(port: number, options: DialOptions): void {
    if (this.destroyed || this.#runtime.closed) return;
    try {
      const address = resolveHost(options.host ?? "localhost", options.family);
      const { localAddress, localPort } = options;
      const local = {
        ...(localAddress === undefined ? {} : { address: localAddress }),
        ...(localPort === undefined ? {} : { port: localPort }),
      };
      this.#transport.dial({ address, port, local });
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #connected(): void {
    this.#idle.touch();
    this.emit("connect");
  }

  #ready(): void {
    this.emit("ready");
    if (this.#wire === undefined && !this.isPaused()) this.read(0);
  }

  #failed(error: Error): void {
    // TLS has the handle, and reports the error, as in Node.
    if (this.#wire === undefined) this.destroy(error);
    else this.#wire.destroy(error);
  }

  /** Hands the bytes to another stream, for TLS; this one keeps `connect`, `timeout`, `error` and `close`. */
  takeOver(onActivity: () => void): Wire {
    this.#wireActive = onActivity;
    this.#wire = new Wire(this, this.#transport);
    this.#transport.reader = this.#wire;
    return this.#wire;
  }

  override _read(): void {
    if (this.#wire === undefined) this.#transport.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: StreamCallback): void {
    this.#transport.transmit(chunk, callback);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: StreamCallback): void {
    this.#transport.transmit(Buffer.concat(chunks.map(({ chunk }) => chunk)), callback);
  }

  override _final(callback: StreamCallback): void {
    if (this.#wire === undefined) this.#transport.finish(callback);
    else callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#idle.cancel();
    callback(error);
    this.#transport.close(this.#closing, error);
    // Node closes a handle at the end of the turn, after it has emitted the error.
    this.#runtime.host.clock.after(0, () => this.#runtime.enter(() => this.emit("close", error !== null)));
  }

  /** As in Node, an error without a listener ends the program, which is the bottle. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event === "error" && this.listenerCount("error") === 0) {
      this.#runtime.fail(args[0]);
      return false;
    }
    return super.emit(event, ...args);
  }

  resetAndDestroy(): this {
    this.#closing = "reset";
    return this.destroy();
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  setTimeout(milliseconds: number, callback?: () => void): this {
    if (this.destroyed) return this;
    this.timeout = milliseconds;
    this.#idle.set(milliseconds);
    if (callback !== undefined) {
      if (milliseconds === 0) this.removeListener("timeout", callback);
      else this.once("timeout", callback);
    }
    return this;
  }

  setKeepAlive(on = false): this {
    this.#transport.setKeepAlive(on);
    return this;
  }

  /** The host's TCP decides when a segment leaves. */
  setNoDelay(): this {
    return this;
  }

  /** Sockets keep no program alive here: a play ends when its players say so. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  address(): NodeAddress | Record<string, never> {
    return this.#transport.local ?? {};
  }

  get connecting(): boolean {
    return this.#transport.connecting;
  }

  get pending(): boolean {
    return this.connecting || !this.#transport.open;
  }

  get readyState(): "opening" | "open" | "readOnly" | "writeOnly" | "closed" {
    if (this.connecting) return "opening";
    if (this.readable) return this.writable ? "open" : "readOnly";
    return this.writable ? "writeOnly" : "closed";
  }

  get bytesRead(): number {
    return this.#transport.bytesRead;
  }

  get bytesWritten(): number {
    return this.#transport.bytesSent + this.writableLength;
  }

  get bufferSize(): number {
    return this.writableLength;
  }

  get remoteAddress(): string | undefined {
    return this.#transport.remote?.address;
  }

  get remotePort(): number | undefined {
    return this.#transport.remote?.port;
  }

  get remoteFamily(): string | undefined {
    return this.#transport.remote?.family;
  }

  get localAddress(): string | undefined {
    return this.#transport.local?.address;
  }

  get localPort(): number | undefined {
    return this.#transport.local?.port;
  }

  get localFamily(): string | undefined {
    return this.#transport.local?.family;
  }
}
