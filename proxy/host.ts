/**
 * The only door to the world (docs/decisions/host.md). The program uses Node's (node-host.ts), a lab
 * has another; the same proxy and the same players run on either.
 *
 * Order of events on a connection: `onConnect` (once, only for outgoing ones), any number of
 * `onData` and `onDrain`, at most one `onEnd` (the peer's FIN), then exactly one `onClose`. `onClose(error)`
 * reports an error; nothing follows it. No handler is called before the call that
 * created the connection has returned, nor after `reset()`.
 *
 * @example
 * const socket = host.connect({ address: "198.51.100.7", port: 21 });
 * socket.handle({ onConnect: () => socket.write(encode("USER ftp\r\n")), onData, onEnd, onClose });
 */

/** An address and a port; the address is canonical text without brackets or scope. */
export interface Endpoint {
  readonly address: string;
  /** 0 … 65535. */
  readonly port: number;
}

/** Why a connection failed; names as errno(2). */
export type ConnectionErrorCode =
  | "ECONNREFUSED"
  | "ECONNRESET"
  | "ETIMEDOUT"
  | "EHOSTUNREACH"
  | "ENETUNREACH"
  | "EACCES"
  | "EADDRINUSE"
  | "EADDRNOTAVAIL"
  | "EPIPE"
  | "EMFILE"
  | "EIO";

export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly code: ConnectionErrorCode;

  constructor(code: ConnectionErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface ConnectionHandlers {
  /** The handshake is done. Only for connections made by `connect`. */
  readonly onConnect?: () => void;
  /** Bytes in order. The array is the receiver's to keep. */
  readonly onData?: (bytes: Uint8Array) => void;
  /** Out-of-band byte (TCP urgent data), where the host sees the difference. */
  readonly onUrgent?: (byte: number) => void;
  /** The peer has sent FIN; writing is still allowed. */
  readonly onEnd?: () => void;
  /** Bytes that `write` had to hold back have gone out. */
  readonly onDrain?: () => void;
  /** The connection is gone: without an error after both ends have finished or after `reset()` by us. */
  readonly onClose?: (error?: ConnectionError) => void;
}

export interface Connection {
  /** Our end. Known as soon as `connect` returns; on a diverted connection: what the peer dialled. */
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Bytes taken by `write` that the network has not yet taken. */
  readonly pending: number;
  /**
   * Only where `local` cannot be known as soon as `connect` returns: settles, never rejects, once the
   * attempt is under way and `local` is known, or has failed at once (then `onClose` follows).
   */
  readonly attempted?: Promise<void>;
  /** Sets the handlers, replacing earlier ones. Events wait until it has been called once. */
  handle(handlers: ConnectionHandlers): void;
  /** False when more than the host likes is pending: wait for `onDrain`. The bytes are taken all the same. */
  write(bytes: Uint8Array): boolean;
  /** Sends the last byte as urgent data (MSG_OOB). Throws ConnectionError EIO where the host cannot. */
  writeUrgent(bytes: Uint8Array): void;
  /** FIN after what is pending (half-close). */
  end(): void;
  /** Closes both directions after what is pending; data that still arrives is answered with RST, as close(2) does. */
  close(): void;
  /** RST at once; pending bytes are lost. */
  reset(): void;
  /** Stops and resumes `onData`; a paused receiver closes its window in time. */
  pause(): void;
  resume(): void;
  setKeepAlive(on: boolean): void;
}

export interface ConnectOptions {
  readonly address: string;
  readonly port: number;
  /** Source address and port to bind; port 0 or absent: the host's choice. */
  readonly local?: { readonly address?: string; readonly port?: number };
}

export interface ListenOptions {
  /** Absent: all addresses of both families. */
  readonly address?: string;
  /** 0: the host's choice. */
  readonly port: number;
  readonly backlog?: number;
  /** Accept connections to addresses that are not the host's own (divert-to, TPROXY). */
  readonly transparent?: boolean;
  /** accept(2) failed; the listener goes on. Not every host notices. */
  readonly onError?: (error: ConnectionError) => void;
}

export interface Listener {
  readonly local: Endpoint;
  /** Stops accepting; connections already accepted go on. */
  close(): void;
}

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the Unix epoch; never goes back. Virtual in the simulator. */
  now(): number;
  /** Calls once after `milliseconds`. */
  after(milliseconds: number, callback: () => void): Timer;
}

export interface Random {
  /** Uniform integer, 0 ≤ n < below, below ≤ 2^32. */
  below(below: number): number;
}

export interface ProcessResult {
  /** Exit status; 128 + signal when it was killed, 127 when the program is not there. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A program that goes on running: a server, a client, a shell. */
export interface Process {
  readonly pid: number;
  readonly stdin: { write(bytes: Uint8Array): void; end(): void };
  onOutput(handler: (stream: "stdout" | "stderr", bytes: Uint8Array) => void): void;
  readonly exited: Promise<number>;
  kill(signal?: "SIGTERM" | "SIGKILL" | "SIGINT" | "SIGHUP"): void;
}

export interface Files {
  read(path: string): Promise<Uint8Array>;
  write(path: string, bytes: Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
}

/** Levels of syslog(3) that the proxy uses, as numbers. */
export type LogLevel = 2 | 3 | 4 | 5 | 6 | 7;

export interface Host {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  /** Rejects with ConnectionError when the address cannot be bound. */
  listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener>;
  /** Never throws: an immediate failure comes as `onClose(error)`. */
  connect(options: ConnectOptions): Connection;
  /** Runs a program to its end. Never rejects for a failing program, only when aborted. */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<ProcessResult>;
  /** Starts a program and leaves it running. */
  spawn(command: string, args: readonly string[], options?: RunOptions): Promise<Process>;
  /** One line of the program's log. */
  log(level: LogLevel, message: string): void;
}
