/**
 * A TCP connection in the agent's hands. Bytes go to the runner as far as it has given credit; what
 * the runner sends is credited back when the kernel has taken it.
 */

import { connect, type Socket } from "node:net";
import type { Endpoint } from "../../proxy/host.ts";
import { plainAddress, type TransparentSockets } from "./agent-listener.ts";
import { Debt, Outbox } from "./credit.ts";
import { Body, Fields, FRAME } from "./frame.ts";
import type { Line, Thing } from "./thing.ts";

export class AgentSocket implements Thing {
  readonly #socket: Socket;
  readonly #special: TransparentSockets | undefined;
  readonly #outbox: Outbox;
  readonly #debt: Debt;
  readonly #gone: Promise<void>;
  #error: unknown;
  /** What came behind urgent data that cannot be sent yet. */
  #heldBack: { readonly type: number; readonly body: Uint8Array }[] | undefined;
  /** The runner wants to hear nothing but CLOSED. */
  #deaf = false;

  constructor(line: Line, id: number, socket: Socket, special?: TransparentSockets) {
    this.#socket = socket;
    this.#special = special;
    this.#outbox = new Outbox((bytes, urgent) => line.send(urgent ? FRAME.urgent : FRAME.data, id, bytes));
    this.#debt = new Debt((bytes) => line.send(FRAME.credit, id, new Body().u32(bytes)));
    socket.on("data", (bytes: Buffer) => {
      if (this.#deaf) return;
      this.#outbox.push(bytes);
      this.#lookForUrgent();
      if (this.#outbox.held > 0) socket.pause();
    });
    socket.on("end", () => {
      // Node takes an RST that comes together with bytes for a FIN.
      const code = special?.pendingError(socket);
      if (code !== undefined) {
        socket.destroy(Object.assign(new Error("the peer has reset the connection"), { code }));
        return;
      }
      this.#outbox.afterwards(() => {
        if (!this.#deaf) line.send(FRAME.end, id);
      });
    });
    socket.on("error", (error) => {
      this.#error ??= error;
    });
    this.#gone = new Promise((resolve) => {
      socket.on("close", () => {
        this.#urgentWatch?.();
        const tell = () => {
          line.closed(id, this.#error);
          resolve();
        };
        // In order an end waits for the bytes before it; one by error or by the runner does not.
        if (this.#error === undefined && !this.#deaf) this.#outbox.afterwards(tell);
        else tell();
      });
    });
    this.#urgentWatch = special?.watchUrgent(socket, (byte) => {
      if (!this.#deaf) this.#outbox.push(Uint8Array.of(byte), true);
    });
  }

  readonly #urgentWatch: (() => void) | undefined;

  ends(): { readonly local: Endpoint; readonly remote: Endpoint } {
    const { localAddress, localPort, remoteAddress, remotePort } = this.#socket;
    return {
      local: { address: plainAddress(localAddress), port: localPort ?? 0 },
      remote: { address: plainAddress(remoteAddress), port: remotePort ?? 0 },
    };
  }

  take(type: number, body: Uint8Array): void {
    const socket = this.#socket;
    if (this.#heldBack !== undefined && type !== FRAME.credit && type !== FRAME.reset) {
      this.#heldBack.push({ type, body });
      return;
    }
    switch (type) {
      case FRAME.data:
        if (!socket.writable) return;
        socket.write(body, () => this.#debt.add(body.length));
        return;
      case FRAME.urgent:
        this.#writeUrgent(body);
        return;
      case FRAME.end:
        socket.end();
        return;
      case FRAME.credit:
        this.#outbox.credit(new Fields(body).u32());
        if (this.#outbox.held === 0) socket.resume();
        return;
      case FRAME.close:
        this.#deaf = true;
        this.#outbox.drop();
        socket.destroySoon();
        return;
      case FRAME.reset:
        this.drop();
        return;
      case FRAME.keepAlive:
        socket.setKeepAlive((body[0] ?? 0) !== 0);
    }
  }

  drop(): Promise<void> {
    this.#deaf = true;
    this.#error = undefined;
    this.#outbox.drop();
    const socket = this.#socket;
    // Node waits for the handshake first, and fails to close at all while a FIN is still to be sent.
    const ending = socket.writableEnded && !socket.writableFinished;
    if (ending) this.#special?.abortOnClose(socket);
    if (socket.connecting || ending) socket.destroy();
    else socket.resetAndDestroy();
    return this.#gone;
  }

  #writeUrgent(body: Uint8Array): void {
    if (this.#special === undefined) {
      this.#error ??= Object.assign(new Error("this agent cannot send urgent data"), { code: "EOPNOTSUPP" });
      this.#socket.destroy();
      return;
    }
    // Behind everything that Node still holds, and before what comes next.
    const special = this.#special;
    const send = () => {
      special.sendUrgent(this.#socket, body);
      this.#debt.add(body.length);
      const held = this.#heldBack ?? [];
      this.#heldBack = undefined;
      for (const { type, body: next } of held) this.take(type, next);
    };
    if (this.#socket.writableLength === 0) send();
    else {
      this.#heldBack = [];
      this.#socket.write("", send);
    }
  }

  #lookForUrgent(): void {
    this.#special?.lookForUrgent(this.#socket);
  }
}

export interface DialOptions {
  readonly address: string;
  readonly port: number;
  /** Empty: the system's choice. */
  readonly localAddress: string;
  /** 0: the system's choice. */
  readonly localPort: number;
  /** 0: the system's own. */
  readonly limitMs: number;
}

/** Starts a connection; BOUND, CONNECTED and CLOSED are told as they come. */
export function dial(line: Line, id: number, options: DialOptions, special?: TransparentSockets): AgentSocket {
  const { address, port, localAddress, localPort, limitMs } = options;
  const socket = connect({
    host: address,
    port,
    allowHalfOpen: true,
    noDelay: true,
    ...(localAddress !== "" && { localAddress }),
    ...(localPort !== 0 && { localPort, ...(localAddress === "" && { localAddress: unspecified(address) }) }),
  });
  const one = new AgentSocket(line, id, socket, special);
  // Node calls connect(2) within this tick or the next; then the kernel has chosen our address, or refused.
  process.nextTick(() => {
    if (socket.destroyed) return;
    const { local } = own(socket);
    if (local !== undefined) line.send(FRAME.bound, id, new Body().text(local.address).u16(local.port));
  });
  const timer =
    limitMs === 0
      ? undefined
      : setTimeout(() => {
          socket.destroy(Object.assign(new Error(`no answer in ${limitMs} ms`), { code: "ETIMEDOUT" }));
        }, limitMs);
  socket.once("connect", () => {
    clearTimeout(timer);
    line.send(FRAME.connected, id);
  });
  socket.once("close", () => clearTimeout(timer));
  return one;
}

const unspecified = (address: string): string => (address.includes(":") ? "::" : "0.0.0.0");

function own(socket: Socket): { readonly local: Endpoint | undefined } {
  const { address, port } = socket.address() as Partial<Endpoint>;
  return { local: address === undefined ? undefined : { address: plainAddress(address), port: port ?? 0 } };
}
