/**
 * A TCP connection as the Host contract has it: events in the promised order, held back until
 * handlers are there, and never from inside a call of the user.
 *
 * After `reset()` no handler is called. After `close()` only `onClose` is, when both ends have finished.
 *
 * Each `write` goes out as one segment if it fits and nothing is pending: a command split
 * over segments is written as two writes, with a pause between them (see tcp/user-calls.ts).
 *
 * @example
 * const socket = new SimSocket(clock, tcp.connect({ remote }));
 */

import {
  type Connection,
  ConnectionError,
  type ConnectionErrorCode,
  type ConnectionHandlers,
  type Endpoint,
} from "../../../proxy/host.ts";
import type { SendOutcome } from "../../net/ip/forwarder.ts";
import type { TcpConnection } from "../../net/tcp/connection.ts";
import { abort, close, finish, read, write, writeUrgent } from "../../net/tcp/user-calls.ts";
import type { VirtualClock } from "../../net/time/clock.ts";

export class SimSocket implements Connection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #clock: VirtualClock;
  readonly #tcp: TcpConnection;
  #handlers: ConnectionHandlers | undefined;
  #pumping = false;
  #paused = false;
  /** The user has called `close` or `reset`, and gets neither data nor its end. */
  #left = false;
  #connected: "no" | "to-tell" | "told" = "no";
  #endTold = false;
  /** A `write` answered false. */
  #full = false;
  #gone: { readonly error: ConnectionError | undefined } | undefined;
  #closeTold = false;

  constructor(clock: VirtualClock, tcp: TcpConnection) {
    this.#clock = clock;
    this.#tcp = tcp;
    this.local = tcp.local;
    this.remote = tcp.remote;
    tcp.user = {
      connected: () => {
        this.#connected = "to-tell";
        this.#pump();
      },
      readable: () => this.#pump(),
      progressed: () => this.#pump(),
      closed: (code) => {
        this.#gone ??= { error: code && failure(code, this.local, this.remote) };
        this.#pumpSoon();
      },
    };
  }

  get pending(): number {
    return this.#tcp.pending;
  }

  handle(handlers: ConnectionHandlers): void {
    const first = this.#handlers === undefined;
    this.#handlers = handlers;
    if (first) this.#pumpSoon();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#gone !== undefined || this.#left) return true;
    this.#check(write(this.#tcp, bytes));
    if (this.#tcp.pending <= this.#tcp.settings.sendBuffer) return true;
    this.#full = true;
    return false;
  }

  writeUrgent(bytes: Uint8Array): void {
    if (this.#gone !== undefined || this.#left) return;
    this.#check(writeUrgent(this.#tcp, bytes));
  }

  end(): void {
    finish(this.#tcp);
  }

  close(): void {
    this.#left = true;
    close(this.#tcp);
  }

  reset(): void {
    this.#left = true;
    this.#closeTold = true;
    abort(this.#tcp);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#pumpSoon();
  }

  setKeepAlive(on: boolean): void {
    if (this.#gone === undefined) this.#tcp.timers.setKeepAlive(on);
  }

  /** send(2) fails with EACCES when the host's packet filter blocks the segment, which ends the connection. */
  #check(outcome: SendOutcome): void {
    if (outcome !== "blocked") return;
    this.#gone = { error: failure("EACCES", this.local, this.remote) };
    this.#tcp.end("EACCES");
  }

  #pumpSoon(): void {
    this.#clock.schedule(0, () => this.#pump());
  }

  /** Calls the handlers that are due, in order. */
  #pump(): void {
    if (this.#handlers === undefined || this.#pumping || this.#closeTold) return;
    this.#pumping = true;
    try {
      this.#tellConnected();
      if (this.#gone?.error === undefined) this.#tellStream();
      this.#tellClosed();
    } finally {
      this.#pumping = false;
    }
  }

  #tellConnected(): void {
    if (this.#connected !== "to-tell" || this.#left || this.#gone?.error !== undefined) return;
    this.#connected = "told";
    this.#woken().onConnect?.();
  }

  #tellStream(): void {
    const tcp = this.#tcp;
    let hasRead = false;
    while (this.#mayRead()) {
      const piece = tcp.receiveQueue.read();
      if (piece === undefined) break;
      hasRead = true;
      if (piece.kind === "data") this.#woken().onData?.(piece.bytes);
      else this.#woken().onUrgent?.(piece.byte);
    }
    if (hasRead) read(tcp);
    if (tcp.ended && tcp.receiveQueue.unread === 0 && !this.#endTold && this.#mayRead()) {
      this.#endTold = true;
      this.#woken().onEnd?.();
    }
    if (this.#full && tcp.pending === 0 && !this.#left) {
      this.#full = false;
      this.#woken().onDrain?.();
    }
  }

  /** The handlers, for a call that may start promises. */
  #woken(): ConnectionHandlers {
    this.#clock.wake();
    return this.#handlers ?? {};
  }

  #mayRead(): boolean {
    return !this.#paused && !this.#left && this.#gone?.error === undefined;
  }

  #tellClosed(): void {
    if (this.#gone === undefined) return;
    const { error } = this.#gone;
    // An orderly end waits until a paused reader has seen everything.
    const unseen = this.#tcp.ended === true && !this.#endTold;
    if (error === undefined && unseen && !this.#left) return;
    this.#closeTold = true;
    this.#woken().onClose?.(error);
  }
}

/** A connection that failed before it began: its only event is `onClose`. */
export function failedSocket(
  clock: VirtualClock,
  local: Endpoint,
  remote: Endpoint,
  error: ConnectionError,
): Connection {
  let handlers: ConnectionHandlers | undefined;
  let told = false;
  const tell = (): void => {
    if (told) return;
    told = true;
    clock.wake();
    handlers?.onClose?.(error);
  };
  const nothing = (): void => {};
  return {
    local,
    remote,
    pending: 0,
    handle(next) {
      if (handlers === undefined) clock.schedule(0, tell);
      handlers = next;
    },
    write: () => true,
    writeUrgent: nothing,
    end: nothing,
    close: nothing,
    reset: nothing,
    pause: nothing,
    resume: nothing,
    setKeepAlive: nothing,
  };
}

const REASONS: Partial<Record<ConnectionErrorCode, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by peer",
  ETIMEDOUT: "operation timed out",
  EHOSTUNREACH: "no route to host",
  EACCES: "permission denied",
};

function failure(code: ConnectionErrorCode, local: Endpoint, remote: Endpoint): ConnectionError {
  const ends = `${local.address} port ${local.port} to ${remote.address} port ${remote.port}`;
  return new ConnectionError(code, `${ends}: ${REASONS[code] ?? code}`);
}
