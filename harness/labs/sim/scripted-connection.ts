/**
 * Both ends of one TCP connection in memory. Bytes, ends and resets take no time but always a turn of
 * the clock; what the far end does not read fills a window and then the near end's `pending`.
 *
 * @example
 * const [near, far] = connectionPair(clock, local, remote);
 * far.handle({ onData: (bytes) => far.write(bytes) });
 */

import {
  type Clock,
  type Connection,
  ConnectionError,
  type ConnectionErrorCode,
  type ConnectionHandlers,
  type Endpoint,
} from "../../../proxy/host.ts";

/** Bytes that the network and the far kernel hold for a reader that does not read. */
const window = 65_536;
/** Bytes from which on `write` answers false, as Node's streams. */
const highWater = 16_384;

type Event =
  | { readonly kind: "connect" }
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "end" }
  | { readonly kind: "drain" }
  | { readonly kind: "close"; readonly error?: ConnectionError };

export class ScriptedConnection implements Connection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  far: ScriptedConnection | undefined;
  readonly #clock: Clock;
  #handlers: ConnectionHandlers | undefined;
  /** Events that our handlers do not know yet. */
  readonly #events: Event[] = [];
  /** Bytes that have come and wait for a reader. */
  held = 0;
  #outgoing: Uint8Array[] = [];
  #pending = 0;
  #wantsDrain = false;
  #paused = false;
  #established: boolean;
  #scheduled = false;
  #finishing = false;
  #closed = false;
  #finished = false;
  #farFinished = false;
  #dead = false;

  constructor(clock: Clock, local: Endpoint, remote: Endpoint, established: boolean) {
    this.#clock = clock;
    this.local = local;
    this.remote = remote;
    this.#established = established;
  }

  get pending(): number {
    return this.#pending;
  }

  /** Nothing more will ever come or go. */
  get dead(): boolean {
    return this.#dead;
  }

  handle(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    this.#schedule();
  }

  /** The handshake is done: both ends may talk. */
  establish(): void {
    this.#established = true;
    this.hear({ kind: "connect" });
    this.#flush();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#dead || this.#finishing) return true;
    this.#outgoing.push(bytes);
    this.#pending += bytes.length;
    this.#flush();
    if (this.#pending <= highWater) return true;
    this.#wantsDrain = true;
    return false;
  }

  writeUrgent(_bytes: Uint8Array): void {
    throw new ConnectionError("EIO", "urgent data is not carried in memory");
  }

  end(): void {
    this.#finishing = true;
    this.#flush();
  }

  close(): void {
    this.#closed = true;
    this.#handlers = { ...(this.#handlers?.onClose && { onClose: this.#handlers.onClose }) };
    this.#paused = false;
    this.end();
    this.#schedule();
  }

  reset(): void {
    this.#handlers = {};
    this.#die();
    this.far?.fail("ECONNRESET");
  }

  /** The connection breaks from outside. */
  fail(code: ConnectionErrorCode): void {
    if (this.#dead) return;
    this.#die();
    this.hear({ kind: "close", error: new ConnectionError(code, code) });
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  setKeepAlive(_on: boolean): void {}

  #die(): void {
    this.#dead = true;
    this.#outgoing = [];
    this.#pending = 0;
  }

  /** The far end has read something. */
  roomAgain(): void {
    this.#flush();
  }

  #flush(): void {
    if (!this.#established || this.#dead) return;
    while (this.far !== undefined && this.far.held < window) {
      const bytes = this.#outgoing.shift();
      if (bytes === undefined) break;
      this.#pending -= bytes.length;
      this.far.held += bytes.length;
      this.far.hear({ kind: "data", bytes });
    }
    if (this.#wantsDrain && this.#pending === 0) {
      this.#wantsDrain = false;
      this.hear({ kind: "drain" });
    }
    if (this.#finishing && !this.#finished && this.#outgoing.length === 0) {
      this.#finished = true;
      this.far?.hear({ kind: "end" });
      this.#closeWhenBothFinished();
    }
  }

  /** Source: tcp(4): RST answers data for a closed socket. */
  #answerWithReset(): void {
    if (this.#dead) return;
    this.#die();
    this.hear({ kind: "close" });
    this.far?.fail("ECONNRESET");
  }

  #closeWhenBothFinished(): void {
    if (!this.#finished || !this.#farFinished || this.#dead) return;
    this.#die();
    this.hear({ kind: "close" });
  }

  /** The other end's doing. */
  hear(event: Event): void {
    this.#events.push(event);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#handlers === undefined || this.#nextEvent() < 0) return;
    this.#scheduled = true;
    this.#clock.after(0, () => {
      this.#scheduled = false;
      this.#deliver();
      this.#schedule();
    });
  }

  /** A paused reader still hears of room, of the handshake and of a broken connection. */
  #nextEvent(): number {
    if (!this.#paused) return this.#events.length > 0 ? 0 : -1;
    return this.#events.findIndex((event) => event.kind !== "data" && event.kind !== "end");
  }

  /** One event, so that others get their turn in between. */
  #deliver(): void {
    const at = this.#nextEvent();
    const event = at < 0 ? undefined : this.#events.splice(at, 1)[0];
    const handlers = this.#handlers;
    if (event === undefined || handlers === undefined) return;
    switch (event.kind) {
      case "connect":
        handlers.onConnect?.();
        break;
      case "data":
        this.held -= event.bytes.length;
        this.far?.roomAgain();
        if (this.#closed) this.#answerWithReset();
        else handlers.onData?.(event.bytes);
        break;
      case "end":
        this.#farFinished = true;
        handlers.onEnd?.();
        this.#closeWhenBothFinished();
        break;
      case "drain":
        handlers.onDrain?.();
        break;
      case "close":
        handlers.onClose?.(event.error);
        break;
      default:
        event satisfies never;
    }
  }
}

/** An established pair: the near end, and the far one. */
export function connectionPair(clock: Clock, local: Endpoint, remote: Endpoint, established = true) {
  const near = new ScriptedConnection(clock, local, remote, established);
  const far = new ScriptedConnection(clock, remote, local, established);
  near.far = far;
  far.far = near;
  return { near, far };
}
