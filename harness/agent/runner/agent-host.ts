/**
 * A host whose sockets, processes and files an agent lends (docs/agent-protocol.md): proxy and players run on it as on
 * any other Host. Clock and timers are the runner's.
 *
 * @example
 * const host = await AgentHost.greet(startAgent("ssh", ["fw", "./agent.pl"]), { name: "firewall", random });
 * const { stdout } = await host.run("uname", ["-s"]);
 * await host.leave();
 */

import type {
  Clock,
  Connection,
  ConnectOptions,
  Files,
  Host,
  Listener,
  ListenOptions,
  LogLevel,
  Process,
  ProcessResult,
  Random,
  RunOptions,
  Timer,
} from "../../../proxy/host.ts";
import {
  AGENT_GREETING,
  Body,
  CAPABILITY,
  Fields,
  FRAME,
  type Frame,
  FrameReader,
  frame,
  GreetingReader,
  ProtocolError,
  RUNNER_GREETING,
  VERSION,
} from "../protocol/frame.ts";
import { AgentConnection, listenAt } from "./connections.ts";
import type { BytePipe } from "./pipe.ts";
import { spawnAt } from "./programs.ts";
import { realClock } from "./real-clock.ts";
import { type Channel, type Channels, readFileOf, request, writeFileOf } from "./requests.ts";

/** A program that the runner plays itself, in place of one on the host. */
export type OwnProgram = (args: readonly string[], stdin: string) => Promise<ProcessResult>;

export interface AgentHostOptions {
  readonly name: string;
  readonly random: Random;
  readonly log?: (level: LogLevel, text: string) => void;
  readonly programs?: Readonly<Record<string, OwnProgram>>;
  /** Limit for an attempt to connect; default: the host's. */
  readonly connectLimitMs?: number;
  readonly signal?: AbortSignal;
}

/** For the greeting: ssh may have to connect first, and many agents may start at once. */
const GREETING_LIMIT_MS = 60_000;
/** An agent that has been silent for so long is asked for the time, which any agent answers at once. */
const SILENCE_MS = 10_000;
/** An agent that leaves so many questions unanswered is given up. */
const QUESTIONS = 3;
const SWEEP_LIMIT_MS = 20_000;

export class AgentHost implements Host, Channels {
  readonly name: string;
  readonly clock: Clock = realClock;
  readonly random: Random;
  readonly files: Files;
  /** `log`, `programs` and `connectLimitMs` change from play to play. */
  log: (level: LogLevel, text: string) => void;
  programs: Readonly<Record<string, OwnProgram>>;
  /** 0: the host's own limit. */
  connectLimitMs: number;
  readonly #pipe: BytePipe;
  readonly #channels = new Map<number, Channel>();
  #capabilities = 0;
  #nextId = 1;
  #goneWhy: string | undefined;
  #unanswered = 0;
  #watch: Timer | undefined;
  readonly #goneHandlers = new Set<(why: string) => void>();

  private constructor(pipe: BytePipe, options: AgentHostOptions) {
    this.#pipe = pipe;
    this.name = options.name;
    this.random = options.random;
    this.log = options.log ?? (() => {});
    this.programs = options.programs ?? {};
    this.connectLimitMs = options.connectLimitMs ?? 0;
    this.files = {
      read: (path) => readFileOf(this, path),
      write: (path, bytes) => writeFileOf(this, path, bytes),
      remove: async (path) => void (await request(this, FRAME.remove, new Body().text(path))),
    };
  }

  /** Rejects with ProtocolError when no agent answers. */
  static greet(pipe: BytePipe, options: AgentHostOptions): Promise<AgentHost> {
    const host = new AgentHost(pipe, options);
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        timer.cancel();
        host.#giveUp(why);
        reject(new ProtocolError(`agent of ${options.name}: ${why}`));
      };
      const greeting = new GreetingReader(AGENT_GREETING);
      const reader = new FrameReader();
      let greeted = false;
      const timer = host.clock.after(GREETING_LIMIT_MS, () => {
        const late = `in ${GREETING_LIMIT_MS / 1000} s`;
        fail(greeted ? `a greeting, but no HELLO ${late}` : `no greeting ${late}${greeting.unread}`);
      });
      pipe.onEnd((why) => fail(`${why}${greeted ? "" : greeting.unread}`));
      pipe.onBytes((bytes) => {
        host.#unanswered = 0;
        let rest = bytes;
        if (!greeted) {
          const found = greeting.add(bytes);
          if (found === undefined) return;
          if (!found.versions.includes(VERSION)) {
            return fail(`speaks version ${found.versions.join(", ")}, not ${VERSION}`);
          }
          greeted = true;
          pipe.write(new TextEncoder().encode(`${RUNNER_GREETING} ${VERSION}\n`));
          rest = found.rest;
        }
        try {
          for (const one of reader.add(rest)) {
            if (one.type === FRAME.hello) {
              host.#capabilities = new Fields(one.body).u32();
              timer.cancel();
              host.#watchSilence();
              resolve(host);
            } else host.#receive(one);
          }
        } catch (error) {
          fail(error instanceof Error ? error.message : String(error));
        }
      });
    });
  }

  get canUrgent(): boolean {
    return (this.#capabilities & CAPABILITY.urgent) !== 0;
  }

  get canKillGroups(): boolean {
    return (this.#capabilities & CAPABILITY.groups) !== 0;
  }

  get canTransparent(): boolean {
    return (this.#capabilities & CAPABILITY.transparent) !== 0;
  }

  /** Why the agent is gone; undefined: it is there. */
  get gone(): string | undefined {
    return this.#goneWhy;
  }

  /** Calls the handler when the agent is gone, at once if it is. Returns a function that removes the handler. */
  onGone(handler: (why: string) => void): () => void {
    if (this.#goneWhy !== undefined) handler(this.#goneWhy);
    else this.#goneHandlers.add(handler);
    return () => void this.#goneHandlers.delete(handler);
  }

  open(channel: Channel, id = this.#nextId++): number {
    this.#channels.set(id, channel);
    if (this.#goneWhy !== undefined) queueMicrotask(() => this.#lose(this.#goneWhy ?? ""));
    return id;
  }

  send(type: number, id: number, body?: Body | Uint8Array): void {
    if (this.#goneWhy === undefined) this.#pipe.write(frame(type, id, body));
  }

  listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    return listenAt(this, options, onConnection);
  }

  connect({ address, port, local }: ConnectOptions): Connection {
    const id = this.#nextId++;
    const connection = new AgentConnection(this, id, { address, port });
    this.open(connection, id);
    const from = new Body()
      .text(address)
      .u16(port)
      .text(local?.address ?? "")
      .u16(local?.port ?? 0);
    this.send(FRAME.connect, id, from.u32(this.connectLimitMs));
    return connection;
  }

  async run(command: string, args: readonly string[], options: RunOptions = {}): Promise<ProcessResult> {
    const { stdin = "", signal } = options;
    const program = this.programs[command];
    if (program !== undefined)
      return program(args, typeof stdin === "string" ? stdin : new TextDecoder().decode(stdin));
    let child: Process;
    try {
      child = await this.spawn(command, args, options);
    } catch (error) {
      return { status: 127, stdout: "", stderr: `${error instanceof Error ? error.message : error}\n` };
    }
    const output = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
    child.onOutput((stream, bytes) => void output[stream].push(bytes));
    const abort = new Promise<never>((_, reject) => {
      const give = () => {
        child.kill("SIGKILL");
        reject(new Error(`${command} was given up`));
      };
      if (signal?.aborted === true) give();
      else signal?.addEventListener("abort", give, { once: true });
    });
    child.stdin.write(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin);
    child.stdin.end();
    const status = await (signal === undefined ? child.exited : Promise.race([child.exited, abort]));
    const text = (pieces: readonly Uint8Array[]) => Buffer.concat(pieces).toString("utf8");
    return { status, stdout: text(output.stdout), stderr: text(output.stderr) };
  }

  spawn(command: string, args: readonly string[], options: RunOptions = {}): Promise<Process> {
    return spawnAt(this, command, args, options.env ?? {});
  }

  /** Resets, closes and kills everything that the agent has opened on the host. An agent that cannot is given up. */
  async sweep(): Promise<void> {
    const late = () => this.#giveUp(`has not put everything away in ${SWEEP_LIMIT_MS / 1000} s`);
    const timer = this.clock.after(SWEEP_LIMIT_MS, late);
    await request(this, FRAME.sweep).finally(() => timer.cancel());
  }

  /** The host's own clock: microseconds since 1970. */
  async time(): Promise<number> {
    return new Fields(await request(this, FRAME.clock)).u64();
  }

  /** Ends the agent; false: it had to be killed. */
  async leave(limitMs?: number): Promise<boolean> {
    this.#watch?.cancel();
    return this.#pipe.close(limitMs);
  }

  #receive({ type, id, body }: Frame): void {
    const channel = this.#channels.get(id);
    if (type === FRAME.closed) this.#channels.delete(id);
    if (type === FRAME.closed && channel !== undefined) {
      const fields = new Fields(body);
      channel.closed(fields.text(), fields.text());
    } else channel?.receive(type, body);
  }

  /** Ends every wait for an agent that has stopped. */
  #watchSilence(): void {
    this.#watch = this.clock.after(SILENCE_MS, () => {
      if (this.#goneWhy !== undefined) return;
      if (this.#unanswered === QUESTIONS) {
        this.#giveUp(`nothing heard of it in ${(QUESTIONS * SILENCE_MS) / 1000} s`);
        return;
      }
      // Anything that comes from the agent sets it to 0.
      if (this.#unanswered++ > 0) this.time().catch(() => {});
      this.#watchSilence();
    });
  }

  #giveUp(why: string): void {
    this.#lose(why);
    void this.#pipe.close();
  }

  #lose(why: string): void {
    this.#goneWhy ??= why;
    this.#watch?.cancel();
    for (const [id, channel] of [...this.#channels]) {
      this.#channels.delete(id);
      channel.closed("EIO", `the agent of ${this.name} is gone: ${this.#goneWhy}`);
    }
    for (const handler of this.#goneHandlers) handler(this.#goneWhy);
    this.#goneHandlers.clear();
  }
}
