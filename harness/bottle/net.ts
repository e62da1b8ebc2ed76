/**
 * The bottle's `require("net")`: Node's module over one Host, and its Server. socket.ts has its Socket.
 *
 * A server promises what Node's does: `listening`, `connection`, `drop`, `error`, `close` in Node's order,
 * and `close` only after its last connection.
 *
 * @example
 * const net = createNet(runtime);
 * net.connect(21, "198.51.100.7").on("data", show);
 */

import { EventEmitter } from "node:events";
import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";
import { nextTick } from "node:process";
import { type Connection, ConnectionError, type Listener } from "../../proxy/host.ts";
import { type NodeAddress, nodeAddress, readArguments, readPort, resolveHost } from "./address.ts";
import type { Resource, Runtime } from "./runtime.ts";
import { Socket, type SocketOptions } from "./socket.ts";
import { networkError, nodeError } from "./system-error.ts";

type OnConnection = (socket: Socket) => void;

export function createNet(runtime: Runtime) {
  class BottledSocket extends Socket {
    /** Accepted sockets count as instances, too. */
    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof Socket;
    }

    constructor(options?: SocketOptions) {
      super(runtime, options);
    }
  }

  class BottledServer extends Server {
    constructor(options?: ServerOptions | OnConnection, onConnection?: OnConnection) {
      if (typeof options === "function") super(runtime, {}, options);
      else super(runtime, options ?? {}, onConnection);
    }
  }

  const connect = (...args: unknown[]): Socket => {
    const [options] = args;
    const socket = new BottledSocket(typeof options === "object" && options !== null ? options : {});
    return socket.connect(...args);
  };

  return {
    Socket: BottledSocket,
    Stream: BottledSocket,
    Server: BottledServer,
    BlockList,
    connect,
    createConnection: connect,
    createServer: (options?: ServerOptions | OnConnection, onConnection?: OnConnection) =>
      new BottledServer(options, onConnection),
    isIP,
    isIPv4,
    isIPv6,
  };
}

export type Net = ReturnType<typeof createNet>;

export interface ServerOptions {
  readonly allowHalfOpen?: boolean;
  readonly pauseOnConnect?: boolean;
}

export class Server extends EventEmitter implements Resource {
  /** Further connections are closed as they come (`drop`). 0 and undefined: no limit, as in Node 20. */
  maxConnections: number | undefined;
  readonly pauseOnConnect: boolean;
  readonly allowHalfOpen: boolean;
  readonly #runtime: Runtime;
  #listener: Listener | undefined;
  /** The attempt between `listen` and its answer, or 0; a later `listen` or `close` makes the answer void. */
  #opening = 0;
  #attempt = 0;
  #connections = 0;
  /** The wildcard address that it listens on. A host takes both families on either. */
  #wildcard: "::" | "0.0.0.0" | undefined;

  constructor(runtime: Runtime, options: ServerOptions = {}, onConnection?: (socket: Socket) => void) {
    super();
    this.#runtime = runtime;
    this.pauseOnConnect = options.pauseOnConnect === true;
    this.allowHalfOpen = options.allowHalfOpen === true;
    if (onConnection !== undefined) this.on("connection", onConnection);
  }

  listen(...args: unknown[]): this {
    if (this.#listener !== undefined || this.#opening !== 0) {
      throw nodeError("ERR_SERVER_ALREADY_LISTEN", "Listen method has been called more than once without closing.");
    }
    const { options, listener } = readArguments(args);
    const port = readPort(options.port ?? 0);
    if (listener !== undefined) this.once("listening", listener);
    this.#runtime.tlsHold.touch();
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.#opening = attempt;
    void this.#open(attempt, port, options.host, options.backlog);
    return this;
  }

  async #open(attempt: number, port: number, host: string | undefined, backlog: number | undefined): Promise<void> {
    // Node emits `listening` and `error` after `listen` has returned.
    await undefined;
    try {
      const wanted = host === undefined || host === "" ? "::" : host;
      const wildcard = wanted === "::" || wanted === "0.0.0.0" ? wanted : undefined;
      const address = wildcard === undefined ? resolveHost(wanted, undefined) : undefined;
      const listener = await this.#runtime.host.listen(
        { port, ...(address === undefined ? {} : { address }), ...(backlog === undefined ? {} : { backlog }) },
        (connection) => this.#runtime.deliver(() => this.#accept(connection)),
      );
      if (this.#opening !== attempt || this.#runtime.closed) {
        listener.close();
        return;
      }
      this.#opening = 0;
      this.#wildcard = wildcard;
      this.#listener = listener;
      this.#runtime.track(this);
      this.#runtime.enter(() => this.emit("listening"));
    } catch (error) {
      if (this.#opening !== attempt) return;
      this.#opening = 0;
      const reason =
        error instanceof ConnectionError ? networkError(error.code, "listen", host ?? "::", port) : (error as Error);
      this.#runtime.enter(() => this.emit("error", reason));
    }
  }

  #accept(connection: Connection): void {
    if (this.maxConnections && this.#connections >= this.maxConnections) {
      connection.handle({});
      connection.close();
      this.emit("drop", { ...connection.local });
      return;
    }
    const socket = new Socket(this.#runtime, { allowHalfOpen: this.allowHalfOpen });
    socket.server = this;
    this.#connections += 1;
    socket.once("close", () => {
      this.#connections -= 1;
      this.#emitClose();
    });
    socket.accept(connection, this.#wildcard === "::", this.pauseOnConnect);
    this.emit("connection", socket);
  }

  close(callback?: (error?: Error) => void): this {
    const running = this.#listener !== undefined || this.#opening !== 0;
    const notRunning = nodeError("ERR_SERVER_NOT_RUNNING", "Server is not running.");
    if (callback !== undefined) this.once("close", () => (running ? callback() : callback(notRunning)));
    this.#runtime.tlsHold.touch();
    this.#opening = 0;
    this.#listener?.close();
    this.#listener = undefined;
    this.#runtime.untrack(this);
    this.#emitClose();
    return this;
  }

  #emitClose(): void {
    if (this.#listener !== undefined || this.#opening !== 0 || this.#connections > 0) return;
    nextTick(() => this.#runtime.enter(() => this.emit("close")));
  }

  release(): void {
    this.#opening = 0;
    this.#listener?.close();
    this.#listener = undefined;
  }

  get listening(): boolean {
    return this.#listener !== undefined;
  }

  address(): NodeAddress | null {
    if (this.#listener === undefined) return null;
    const { local } = this.#listener;
    return nodeAddress({ address: this.#wildcard ?? local.address, port: local.port });
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    nextTick(() => callback(null, this.#connections));
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
