/**
 * The bottle's `require("tls")`: Node's own TLS over the bottle's sockets.
 *
 * Handshake, records and certificates are real; addresses, timeouts and connections are the host's.
 * OpenSSL draws its own random numbers and reads the machine's clock: the bytes of a TLS play differ from
 * run to run, and certificates are checked against today's date. Lengths and virtual times stay the same,
 * given an RSA key (ECDSA signatures differ in length) and servers without session tickets.
 *
 * @example
 * const tls = createTls(runtime, net, timers);
 * const secure = tls.connect({ socket, rejectUnauthorized: false }, () => secure.write("PBSZ 0\r\n"));
 */
import { constants } from "node:crypto";
import * as nodeTls from "node:tls";
import type { IdleLimit } from "../../proxy/idle-limit.ts";
import { readArguments } from "./address.ts";
import { type Net, Server } from "./net.ts";
import type { Runtime } from "./runtime.ts";
import { Socket } from "./socket.ts";
import { nodeError } from "./system-error.ts";
import { idleTimer, type Timers } from "./timers.ts";

type TlsSocket = nodeTls.TLSSocket;
type OnSecure = (socket: TlsSocket) => void;

/** The default of tls.Server's handshakeTimeout (Node 20, tls.createServer). */
const defaultHandshakeTimeout = 120_000;

/**
 * No session tickets for servers, which have a key. One ticket in some hundred is a cipher block shorter, as its
 * random number is written without leading zeros; the numbers that TLS 1.3 sends instead all have one length.
 */
function createSecureContext(options: nodeTls.SecureContextOptions = {}): nodeTls.SecureContext {
  if (options.key === undefined && options.pfx === undefined) return nodeTls.createSecureContext(options);
  const secureOptions = (options.secureOptions ?? 0) | constants.SSL_OP_NO_TICKET;
  return nodeTls.createSecureContext({ ...options, secureOptions });
}

const endpointNames = [
  "remoteAddress",
  "remotePort",
  "remoteFamily",
  "localAddress",
  "localPort",
  "localFamily",
] as const;

/** Makes the TLS socket show the addresses of the socket beneath and time out on the host's clock. */
function adapt(runtime: Runtime, secure: TlsSocket, idle: IdleLimit, socket: Socket): TlsSocket {
  for (const name of endpointNames) {
    Object.defineProperty(secure, name, { configurable: true, get: () => socket[name] });
  }
  const emit = secure.emit.bind(secure) as (event: string | symbol, ...args: unknown[]) => boolean;
  // A TLS socket is half-open only if the socket beneath was; the wire between them always is.
  secure.allowHalfOpen = socket.allowHalfOpen;
  Object.assign(secure, {
    address: () => socket.address(),
    setTimeout: (milliseconds: number, callback?: () => void): TlsSocket => {
      Object.defineProperty(secure, "timeout", { value: milliseconds, writable: true, configurable: true });
      idle.set(milliseconds);
      if (callback !== undefined) {
        if (milliseconds === 0) secure.removeListener("timeout", callback);
        else secure.once("timeout", callback);
      }
      return secure;
    },
    emit: (event: string | symbol, ...args: unknown[]): boolean => {
      if (event !== "error" || secure.listenerCount("error") > 0) return emit(event, ...args);
      runtime.fail(args[0]);
      return false;
    },
  });
  secure.once("close", () => idle.cancel());
  if (socket.connecting) socket.once("connect", () => secure.emit("connect"));
  return secure;
}

export function createTls(runtime: Runtime, net: Net, timers: Timers) {
  /** Lets `make` build a TLS socket over the wire of `socket`. */
  function over(socket: Socket, make: (wire: ReturnType<Socket["takeOver"]>) => TlsSocket): TlsSocket {
    runtime.tlsHold.useTls();
    runtime.tlsHold.touch();
    const idle = idleTimer(runtime, () => secure.emit("timeout"));
    const secure: TlsSocket = make(socket.takeOver(() => idle.touch()));
    return adapt(runtime, secure, idle, socket);
  }

  const TLSSocket = new Proxy(nodeTls.TLSSocket, {
    construct: (_target, [socket, options]) => {
      if (socket instanceof Socket) return over(socket, (wire) => new nodeTls.TLSSocket(wire as never, options));
      throw nodeError("ERR_INVALID_ARG_TYPE", "A TLS socket in a bottle needs a socket of the bottle's net module.");
    },
  });

  const connect = (...args: unknown[]): TlsSocket => {
    const { options: where, listener } = readArguments(args);
    const extra = args.slice(1).find((argument) => typeof argument === "object" && argument !== null);
    const options: nodeTls.ConnectionOptions = { ...(where as nodeTls.ConnectionOptions), ...extra };
    const given: unknown = options.socket;
    if (!(given instanceof Socket)) {
      const socket = net.connect({ ...options, socket: undefined });
      const secure = over(socket, (wire) =>
        nodeTls.connect({ ...options, socket: wire as never }, listener as () => void),
      );
      socket.once("ready", () => secure.emit("ready"));
      return secure;
    }
    return over(given, (wire) => nodeTls.connect({ ...options, socket: wire as never }, listener as () => void));
  };

  class TlsServer extends Server {
    readonly #options: nodeTls.TlsOptions;
    #context: nodeTls.SecureContext;

    constructor(options: nodeTls.TlsOptions | OnSecure = {}, onSecure?: OnSecure) {
      const settings = typeof options === "function" ? {} : options;
      super(runtime, settings.allowHalfOpen === true ? { allowHalfOpen: true } : {});
      this.#options = settings;
      this.#context = createSecureContext(settings);
      const listener = typeof options === "function" ? options : onSecure;
      if (listener !== undefined) this.on("secureConnection", listener);
      this.on("connection", (socket: Socket) => this.#secure(socket));
    }

    setSecureContext(options: nodeTls.SecureContextOptions): void {
      this.#context = createSecureContext(options);
    }

    #secure(socket: Socket): void {
      const { handshakeTimeout, ...options } = this.#options;
      const settings = { ...options, isServer: true, secureContext: this.#context };
      const secure = new TLSSocket(socket as never, settings);
      let done = false;
      const fail = (error: Error): void => {
        if (done) return;
        done = true;
        timers.clearTimeout(limit);
        this.emit("tlsClientError", error, secure);
        secure.destroy();
      };
      const limit = timers.setTimeout(
        () => fail(nodeError("ERR_TLS_HANDSHAKE_TIMEOUT", "TLS handshake timeout")),
        handshakeTimeout ?? defaultHandshakeTimeout,
      );
      secure.on("_tlsError", fail);
      secure.once("close", () =>
        fail(
          nodeError("ECONNRESET", "Client network socket disconnected before secure TLS connection was established"),
        ),
      );
      // Undocumented, but Node's own server waits for it, too.
      secure.once("secure", () => {
        done = true;
        timers.clearTimeout(limit);
        // Before its release a TLS socket does not emit errors.
        (secure as TlsSocket & { _releaseControl?: () => boolean })._releaseControl?.();
        this.emit("secureConnection", secure);
      });
    }
  }

  return {
    ...nodeTls,
    createSecureContext,
    TLSSocket,
    Server: TlsServer,
    connect,
    createServer: (options?: nodeTls.TlsOptions | OnSecure, onSecure?: OnSecure) => new TlsServer(options, onSecure),
  };
}
