/**
 * TCP on an agent's host: connections and listeners as the Host contract has them.
 *
 * @example
 * const listener = await listenAt(host, { port: 21 }, (connection) => …);
 */

import { connectionErrorOf } from "../../../proxy/errno.ts";
import {
  type Connection,
  ConnectionError,
  type ConnectionHandlers,
  type Endpoint,
  type Listener,
  type ListenOptions,
} from "../../../proxy/host.ts";
import { Debt, Outbox } from "../protocol/credit.ts";
import { Body, Fields, FRAME, LISTEN_TRANSPARENT } from "../protocol/frame.ts";
import type { Channel, Channels } from "./requests.ts";

/** An error that an agent reports; without words, its code is the message. */
const connectionError = (code: string, message: string): ConnectionError =>
  connectionErrorOf(code, message === "" ? code : message);

/** `write` returns false when more than this is on its way. */
const HIGH_WATER = 65_536;

interface Event {
  /** Held back while the reader has paused. */
  readonly isRead: boolean;
  readonly call: (handlers: ConnectionHandlers) => void;
}

export class AgentConnection implements Connection, Channel {
  readonly remote: Endpoint;
  readonly attempted?: Promise<void>;
  readonly #agent: Channels;
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
  #end: "none" | "ending" | "closing" | "reset" | "closed" = "none";

  /** `local` undefined: the connection is being dialled. */
  constructor(agent: Channels, id: number, remote: Endpoint, local?: Endpoint) {
    this.#agent = agent;
    this.#id = id;
    this.remote = remote;
    this.#local = local ?? { address: "", port: 0 };
    this.#outbox = new Outbox((bytes, urgent) => agent.send(urgent ? FRAME.urgent : FRAME.data, id, bytes));
    this.#debt = new Debt((bytes) => {
      if (this.#end !== "closed") agent.send(FRAME.credit, id, new Body().u32(bytes));
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
    queueMicrotask(() => this.#deliver());
  }

  write(bytes: Uint8Array): boolean {
    if (this.#end === "none") this.#outbox.push(bytes);
    this.#wantsDrain = this.pending > HIGH_WATER;
    return !this.#wantsDrain;
  }

  writeUrgent(bytes: Uint8Array): void {
    if (!this.#agent.canUrgent) throw new ConnectionError("EIO", "this host's agent cannot send urgent data");
    if (this.#end === "none") this.#outbox.push(bytes, true);
  }

  end(): void {
    if (this.#end !== "none") return;
    this.#end = "ending";
    this.#outbox.afterwards(() => this.#agent.send(FRAME.end, this.#id));
  }

  close(): void {
    if (this.#end !== "none" && this.#end !== "ending") return;
    this.#end = "closing";
    this.#outbox.afterwards(() => this.#agent.send(FRAME.close, this.#id));
  }

  reset(): void {
    if (this.#end === "closed" || this.#end === "reset") return;
    this.#end = "reset";
    this.#handlers = {};
    this.#events = [];
    this.#outbox.drop();
    this.#agent.send(FRAME.reset, this.#id);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    queueMicrotask(() => this.#deliver());
  }

  setKeepAlive(on: boolean): void {
    if (this.#end !== "closed") this.#agent.send(FRAME.keepAlive, this.#id, new Body().u8(on ? 1 : 0));
  }

  receive(type: number, body: Uint8Array): void {
    switch (type) {
      case FRAME.bound: {
        const fields = new Fields(body);
        this.#local = { address: fields.text(), port: fields.u16() };
        this.#attemptOver();
        // Code that awaits `attempted` can set its handlers before they are called, even if more has come with this frame.
        this.#handingOver = true;
        queueMicrotask(() => {
          this.#handingOver = false;
          this.#deliver();
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
    }
  }

  closed(code: string, message: string): void {
    if (this.#end === "closed") return;
    const wasReset = this.#end === "reset";
    this.#end = "closed";
    this.#outbox.drop();
    if (!wasReset) {
      const error = code === "" ? undefined : connectionError(code, message);
      // A paused reader gets errors, too.
      if (error !== undefined) this.#paused = false;
      this.#read((handlers) => handlers.onClose?.(error));
    }
    this.#attemptOver();
  }

  /** A paused reader still gets the handshake and room to write. */
  #event(call: Event["call"]): void {
    this.#queue({ isRead: false, call });
  }

  #read(call: Event["call"]): void {
    this.#queue({ isRead: true, call });
  }

  #queue(event: Event): void {
    if (this.#end === "reset") return;
    this.#events.push(event);
    this.#deliver();
  }

  #deliver(): void {
    while (this.#handlers !== undefined && !this.#handingOver) {
      const index = this.#paused ? this.#events.findIndex(({ isRead }) => !isRead) : 0;
      const [next] = index < 0 ? [] : this.#events.splice(index, 1);
      if (next === undefined) return;
      next.call(this.#handlers);
    }
  }
}

/** Rejects with ConnectionError when the address cannot be bound. */
export function listenAt(
  agent: Channels,
  options: ListenOptions,
  onConnection: (connection: Connection) => void,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const { address = "", port, backlog = 0, transparent = false } = options;
    let accepting = true;
    const id = agent.open({
      receive(type, body) {
        const fields = new Fields(body);
        if (type === FRAME.bound) {
          const local: Endpoint = { address: fields.text(), port: fields.u16() };
          resolve({ local: { ...local, address: local.address || address }, close });
        } else if (type === FRAME.accepted) {
          const accepted = fields.u32();
          const [own, remote] = [endpoint(fields), endpoint(fields)];
          const connection = new AgentConnection(agent, accepted, remote, own);
          agent.open(connection, accepted);
          if (accepting) onConnection(connection);
          else connection.reset();
        }
      },
      closed: (code, message) => reject(connectionError(code || "EIO", message)),
    });
    const close = () => {
      if (accepting) agent.send(FRAME.close, id);
      accepting = false;
    };
    const flags = transparent ? LISTEN_TRANSPARENT : 0;
    agent.send(FRAME.listen, id, new Body().text(address).u16(port).u16(backlog).u8(flags));
  });
}

const endpoint = (fields: Fields): Endpoint => ({ address: fields.text(), port: fields.u16() });
