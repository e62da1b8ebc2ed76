/**
 * The agent of docs/agent-protocol.md in Node: lends this host's sockets, processes and files to the
 * runner at the other end of a byte pipe. It ends with its input, and leaves nothing behind.
 *
 * @example
 * new Agent({ input: process.stdin, output: process.stdout, ended: () => process.exit() }).greet();
 */

import { hostname } from "node:os";
import type { Readable, Writable } from "node:stream";
import { readFileThing, removeFileThing, writeFileThing } from "./agent-files.ts";
import { addressless, endpointOf, listening, type TransparentSockets } from "./agent-listener.ts";
import { AgentProcessThing } from "./agent-process.ts";
import { AgentSocket, dial } from "./agent-socket.ts";
import {
  AGENT_GREETING,
  Body,
  CAPABILITY,
  FIRST_AGENT_ID,
  Fields,
  FRAME,
  type Frame,
  FrameReader,
  frame,
  GreetingReader,
  LISTEN_TRANSPARENT,
  RUNNER_GREETING,
  VERSION,
} from "./frame.ts";
import { errorCode, type Line, type Thing } from "./thing.ts";

/** What putting away may take at the end. */
const END_PATIENCE_MS = 1_000;

export interface AgentOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Sockets that Node does not offer, where there are any. */
  readonly transparent?: TransparentSockets;
  /** The input has ended and everything has been put away. */
  readonly ended: () => void;
}

export class Agent implements Line {
  readonly #options: AgentOptions;
  readonly #things = new Map<number, Thing>();
  #nextId = FIRST_AGENT_ID;

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  greet(): void {
    const { input, output, ended } = this.#options;
    output.write(`${AGENT_GREETING} ${VERSION}\n`);
    const greeting = new GreetingReader(RUNNER_GREETING);
    const reader = new FrameReader();
    let greeted = false;
    input.on("data", (bytes: Buffer) => {
      let rest: Uint8Array = bytes;
      if (!greeted) {
        const found = greeting.add(bytes);
        if (found === undefined) return;
        if (!found.versions.includes(VERSION)) return this.#end();
        greeted = true;
        this.#hello();
        rest = found.rest;
      }
      for (const one of reader.add(rest)) this.#take(one);
    });
    for (const event of ["end", "close", "error"]) input.on(event, () => this.#end());
    output.on("error", () => this.#end());
    void ended;
  }

  send(type: number, id: number, body?: Body | Uint8Array): void {
    this.#options.output.write(frame(type, id, body));
  }

  closed(id: number, error?: unknown): void {
    if (!this.#things.delete(id)) return;
    this.#tellClosed(id, error);
  }

  also(id: number, thing: Thing): void {
    this.#things.set(id, thing);
  }

  newId(): number {
    const id = this.#nextId;
    this.#nextId = id === 0xffff_ffff ? FIRST_AGENT_ID : id + 1;
    return id;
  }

  #tellClosed(id: number, error?: unknown): void {
    const message = error instanceof Error ? error.message : error === undefined ? "" : String(error);
    this.send(FRAME.closed, id, new Body().text(error === undefined ? "" : errorCode(error)).text(message));
  }

  #hello(): void {
    const sockets = this.#options.transparent === undefined ? 0 : CAPABILITY.transparent | CAPABILITY.urgent;
    const capabilities = sockets | CAPABILITY.groups;
    this.send(FRAME.hello, 0, new Body().u32(capabilities).u64(microseconds()).text(hostname()));
  }

  #take({ type, id, body }: Frame): void {
    const thing = this.#things.get(id);
    if (thing !== undefined) {
      thing.take(type, body);
      return;
    }
    const fields = new Fields(body);
    switch (type) {
      case FRAME.connect:
        this.#connect(id, fields);
        return;
      case FRAME.listen:
        void this.#listen(id, fields);
        return;
      case FRAME.spawn:
        AgentProcessThing.start(this, id, fields);
        return;
      case FRAME.read:
        readFileThing(this, id, fields.text());
        return;
      case FRAME.write:
        writeFileThing(this, id, fields.text());
        return;
      case FRAME.remove:
        removeFileThing(this, id, fields.text());
        return;
      case FRAME.sweep:
        return void this.#sweep().then(() => this.#tellClosed(id));
      case FRAME.clock:
        this.send(FRAME.time, id, new Body().u64(microseconds()));
        this.#tellClosed(id);
        return;
      case FRAME.data:
      case FRAME.end:
      case FRAME.credit:
      case FRAME.urgent:
      case FRAME.close:
      case FRAME.reset:
      case FRAME.keepAlive:
      case FRAME.signal:
        // On its way when the thing was closed.
        return;
      default:
        this.#tellClosed(id, Object.assign(new Error(`no frame has type ${type}`), { code: "EOPNOTSUPP" }));
    }
  }

  #connect(id: number, fields: Fields): void {
    const [address, port] = [fields.text(), fields.u16()];
    const [localAddress, localPort, limitMs] = [fields.text(), fields.u16(), fields.u32()];
    this.also(id, dial(this, id, { address, port, localAddress, localPort, limitMs }, this.#options.transparent));
  }

  async #listen(id: number, fields: Fields): Promise<void> {
    const [address, port, backlog] = [fields.text(), fields.u16(), fields.u16()];
    const transparent = (fields.u8() & LISTEN_TRANSPARENT) !== 0;
    // Known from now on, so that a CLOSE that follows at once finds it.
    let stopped = false;
    const early = () => {
      stopped = true;
    };
    this.also(id, { take: (type) => (type === FRAME.close || type === FRAME.reset) && early(), drop: early });
    try {
      const server = await listening({ address, port, backlog, transparent }, this.#options.transparent);
      const stop = () => {
        server.close();
        this.closed(id);
      };
      if (stopped) return stop();
      this.also(id, { take: (type) => (type === FRAME.close || type === FRAME.reset) && stop(), drop: stop });
      const local = addressless(server) ?? endpointOf(address, port);
      this.send(FRAME.bound, id, new Body().text(local.address).u16(local.port));
      server.on("connection", (socket) => {
        const accepted = this.newId();
        const one = new AgentSocket(this, accepted, socket, this.#options.transparent);
        this.also(accepted, one);
        const { local: own, remote } = one.ends();
        const body = new Body().u32(accepted).text(own.address).u16(own.port).text(remote.address).u16(remote.port);
        this.send(FRAME.accepted, id, body);
      });
    } catch (error) {
      this.closed(id, error);
    }
  }

  async #sweep(): Promise<void> {
    const gone = [...this.#things.values()].map((thing) => thing.drop());
    await Promise.all(gone);
  }

  #ended = false;
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const { ended } = this.#options;
    void this.#sweep().then(ended, ended);
    // What does not let itself be put away goes with this process.
    setTimeout(ended, END_PATIENCE_MS);
  }
}

const microseconds = (): number => Math.floor((performance.timeOrigin + performance.now()) * 1000);
