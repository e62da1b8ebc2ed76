/** A TCP connection on an agent's host, as the Host contract has it. */

import {
  type Connection,
  ConnectionError,
  type ConnectionErrorCode,
  type ConnectionHandlers,
  type Endpoint,
} from "../../proxy/host.ts";
import { Debt, Outbox } from "./credit.ts";
import { Body, Fields, FRAME } from "./frame.ts";
import type { Channel, Wire } from "./wire.ts";

const CODES: ReadonlySet<string> = new Set<ConnectionErrorCode>([
  "ECONNREFUSED",
  "ECONNRESET",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EACCES",
  "EADDRINUSE",
  "EADDRNOTAVAIL",
  "EPIPE",
  "EMFILE",
  "EIO",
]);

/** Other names that systems have for the same. */
const RENAMED: Readonly<Record<string, ConnectionErrorCode>> = { EPERM: "EACCES", ENFILE: "EMFILE" };

export function connectionError(code: string, message: string): ConnectionError {
  const known = CODES.has(code) ? (code as ConnectionErrorCode) : RENAMED[code];
  return new ConnectionError(known ?? "EIO", message === "" ? code : message);
}

/** `write` answers false when more than this is on its way. */
const HIGH_WATER = 65_536;

interface Event {
  /** Waits while the reader has paused; all else comes at once. */
  readonly isRead: boolean;
  readonly tell: (handlers: ConnectionHandlers) => void;
}

export class AgentConnection implements Connection, Channel {
  readonly remote: Endpoint;
  readonly attempted?: Promise<void>;
  readonly #wire: Wire;
  readonly #id: number;
  readonly #outbox: Outbox;
  readonly #debt: Debt;
  #local: Endpoint;
  #attemptOver: () => void = () => {};
  #handlers: ConnectionHandlers | undefined;
  #events: Event[] = [];
  #paused = false;
  #handingOver = false;
  #wantsDrain = false;
  #over: "no" | "ending" | "closing" | "reset" | "closed" = "no";

  /** `local` undefined: being dialled. */
  constructor(wire: Wire, id: number, remote: Endpoint, local?: Endpoint) {
    this.#wire = wire;
    this.#id = id;
    this.remote = remote;
    this.#local = local ?? { address: "", port: 0 };
    this.#outbox = new Outbox((bytes, urgent) => wire.send(urgent ? FRAME.urgent : FRAME.data, id, bytes));
    this.#debt = new Debt((bytes) => {
      if (this.#over !== "closed") wire.send(FRAME.credit, id, new Body().u32(bytes));
    });
    if (local === undefined) {
      this.attempted = new Promise((resolve) => {
        this.#attemptOver = resolve;
      });
    }
  }

  get local(): Endpoint {
    return this.#local;
  }

  get pending(): number {
    return this.#outbox.pending;
  }

  handle(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    // No handler is called before the call that made the connection has returned.
    queueMicrotask(() => this.#tell());
  }

  write(bytes: Uint8Array): boolean {
    if (this.#over === "no") this.#outbox.push(bytes);
    this.#wantsDrain = this.pending > HIGH_WATER;
    return !this.#wantsDrain;
  }

  writeUrgent(bytes: Uint8Array): void {
    if (!this.#wire.canUrgent) throw new ConnectionError("EIO", "this host's agent cannot send urgent data");
    if (this.#over === "no") this.#outbox.push(bytes, true);
  }

  end(): void {
    if (this.#over !== "no") return;
    this.#over = "ending";
    this.#outbox.afterwards(() => this.#wire.send(FRAME.end, this.#id));
  }

  close(): void {
    if (this.#over !== "no" && this.#over !== "ending") return;
    this.#over = "closing";
    this.#outbox.afterwards(() => this.#wire.send(FRAME.close, this.#id));
  }

  reset(): void {
    if (this.#over === "closed" || this.#over === "reset") return;
    this.#over = "reset";
    this.#handlers = {};
    this.#events = [];
    this.#outbox.drop();
    this.#wire.send(FRAME.reset, this.#id);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    queueMicrotask(() => this.#tell());
  }

  setKeepAlive(on: boolean): void {
    if (this.#over !== "closed") this.#wire.send(FRAME.keepAlive, this.#id, new Body().u8(on ? 1 : 0));
  }

  take(type: number, body: Uint8Array): void {
    switch (type) {
      case FRAME.bound: {
        const fields = new Fields(body);
        this.#local = { address: fields.text(), port: fields.u16() };
        this.#attemptOver();
        // Whoever has waited for this takes over before more is told, though it may have come in the same breath.
        this.#handingOver = true;
        queueMicrotask(() => {
          this.#handingOver = false;
          this.#tell();
        });
        return;
      }
      case FRAME.connected:
        this.#event((handlers) => handlers.onConnect?.());
        return;
      case FRAME.data:
        this.#read((handlers) => {
          this.#debt.add(body.length);
          handlers.onData?.(body);
        });
        return;
      case FRAME.urgent:
        this.#read((handlers) => {
          this.#debt.add(body.length);
          handlers.onUrgent?.(body[0] ?? 0);
        });
        return;
      case FRAME.end:
        this.#read((handlers) => handlers.onEnd?.());
        return;
      case FRAME.credit:
        this.#outbox.credit(new Fields(body).u32());
        if (!this.#wantsDrain || this.pending > HIGH_WATER / 2) return;
        this.#wantsDrain = false;
        this.#event((handlers) => handlers.onDrain?.());
        return;
      case FRAME.closed: {
        const fields = new Fields(body);
        this.lost(fields.text(), fields.text());
        return;
      }
    }
  }

  lost(code: string, message: string): void {
    if (this.#over === "closed") return;
    const wasReset = this.#over === "reset";
    this.#over = "closed";
    this.#outbox.drop();
    if (!wasReset) {
      const error = code === "" ? undefined : connectionError(code, message);
      // Who reads nothing still learns that there is nothing left to read from.
      if (error !== undefined) this.#paused = false;
      this.#read((handlers) => handlers.onClose?.(error));
    }
    this.#attemptOver();
  }

  /** A reader that pauses still hears of the handshake and of room to write. */
  #event(tell: Event["tell"]): void {
    this.#queue({ isRead: false, tell });
  }

  #read(tell: Event["tell"]): void {
    this.#queue({ isRead: true, tell });
  }

  #queue(event: Event): void {
    if (this.#over === "reset") return;
    this.#events.push(event);
    this.#tell();
  }

  #tell(): void {
    while (this.#handlers !== undefined && !this.#handingOver) {
      const place = this.#paused ? this.#events.findIndex(({ isRead }) => !isRead) : 0;
      const [next] = place < 0 ? [] : this.#events.splice(place, 1);
      if (next === undefined) return;
      next.tell(this.#handlers);
    }
  }
}
