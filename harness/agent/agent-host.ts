/**
 * A host whose sockets, processes and files are lent by an agent (docs/agent-protocol.md): proxy and
 * players run on it as on any other Host. Clock and timers are the runner's own.
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
} from "../../proxy/host.ts";
import { AgentConnection } from "./agent-connection.ts";
import { listeningAt } from "./agent-listening.ts";
import { fileWriting, gathering, requesting } from "./agent-requests.ts";
import { runningProgram } from "./agent-running.ts";
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
} from "./frame.ts";
import type { BytePipe } from "./pipe.ts";
import { realClock } from "./real-clock.ts";
import type { Channel, Wire } from "./wire.ts";

/** A program that is not on the host but in the runner. */
export type OwnProgram = (args: readonly string[], stdin: string) => Promise<ProcessResult>;

export interface AgentHostOptions {
  readonly name: string;
  readonly random: Random;
  readonly log?: (level: LogLevel, text: string) => void;
  readonly programs?: Readonly<Record<string, OwnProgram>>;
  /** Attempts to connect are given up after so long; default: the host's own patience. */
  readonly connectLimitMs?: number;
  readonly signal?: AbortSignal;
}

/** An agent must have greeted by then: ssh may have to connect first, and many may start at once. */
const GREETING_PATIENCE_MS = 60_000;
/** An agent from which nothing has come for so long is asked for the time. Any agent answers that at once. */
const SILENCE_MS = 10_000;
/** After so many questions without a sound it is given up. */
const QUESTIONS = 3;
/** What it may take to put everything away. */
const SWEEP_PATIENCE_MS = 20_000;

export class AgentHost implements Host, Wire {
  readonly name: string;
  readonly clock: Clock = realClock;
  readonly random: Random;
  readonly files: Files;
  /** What may change from play to play. */
  log: (level: LogLevel, text: string) => void;
  programs: Readonly<Record<string, OwnProgram>>;
  /** 0: the host's own patience. */
  connectLimitMs: number;
  readonly #pipe: BytePipe;
  readonly #channels = new Map<number, Channel>();
  #capabilities = 0;
  #nextId = 1;
  #goneWhy: string | undefined;
  #unanswered = 0;
  #watch: Timer | undefined;
  readonly #losers = new Set<(why: string) => void>();

  private constructor(pipe: BytePipe, options: AgentHostOptions) {
    this.#pipe = pipe;
    this.name = options.name;
    this.random = options.random;
    this.log = options.log ?? (() => {});
    this.programs = options.programs ?? {};
    this.connectLimitMs = options.connectLimitMs ?? 0;
    this.files = {
      read: (path) => gathering(this, FRAME.read, path),
      write: (path, bytes) => fileWriting(this, path, bytes),
      remove: async (path) => void (await requesting(this, FRAME.remove, new Body().text(path))),
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
      const timer = host.clock.after(GREETING_PATIENCE_MS, () => {
        const late = `in ${GREETING_PATIENCE_MS / 1000} s`;
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
              host.#listenFor();
              resolve(host);
            } else host.#take(one);
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

  /** Why there is no agent any more; undefined: there is. */
  get gone(): string | undefined {
    return this.#goneWhy;
  }

  /** Calls when the agent is gone, by itself or given up; at once if it is. Answers how to take the wish back. */
  onGone(handler: (why: string) => void): () => void {
    if (this.#goneWhy !== undefined) handler(this.#goneWhy);
    else this.#losers.add(handler);
    return () => void this.#losers.delete(handler);
  }

  /** For the things on the line: takes an id and is told what comes for it. */
  enter(channel: Channel, id = this.#nextId++): number {
    this.#channels.set(id, channel);
    if (this.#goneWhy !== undefined) queueMicrotask(() => this.#lose(this.#goneWhy ?? ""));
    return id;
  }

  send(type: number, id: number, body?: Body | Uint8Array): void {
    if (this.#goneWhy === undefined) this.#pipe.write(frame(type, id, body));
  }

  listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    return listeningAt(this, options, onConnection);
  }

  connect({ address, port, local }: ConnectOptions): Connection {
    const id = this.#nextId++;
    const connection = new AgentConnection(this, id, { address, port });
    this.enter(connection, id);
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
    const own = this.programs[command];
    if (own !== undefined) return own(args, typeof stdin === "string" ? stdin : new TextDecoder().decode(stdin));
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
    return runningProgram(this, command, args, options.env ?? {});
  }

  /** Everything that it has opened on the host is reset, closed, killed. An agent that cannot is given up. */
  async sweep(): Promise<void> {
    const late = () => this.#giveUp(`has not put everything away in ${SWEEP_PATIENCE_MS / 1000} s`);
    const timer = this.clock.after(SWEEP_PATIENCE_MS, late);
    await requesting(this, FRAME.sweep).finally(() => timer.cancel());
  }

  /** The host's own clock: microseconds since 1970. */
  async time(): Promise<number> {
    return new Fields(await requesting(this, FRAME.clock)).u64();
  }

  /** Ends the agent; false: it had to be killed. */
  async leave(patienceMs?: number): Promise<boolean> {
    this.#watch?.cancel();
    return this.#pipe.close(patienceMs);
  }

  #take({ type, id, body }: Frame): void {
    const channel = this.#channels.get(id);
    if (type === FRAME.closed) this.#channels.delete(id);
    if (type === FRAME.closed && channel !== undefined) {
      const fields = new Fields(body);
      channel.lost(fields.text(), fields.text());
    } else channel?.take(type, body);
  }

  /** An agent that has stopped says nothing, whatever it owes: that is how every wait for it has an end. */
  #listenFor(): void {
    this.#watch = this.clock.after(SILENCE_MS, () => {
      if (this.#goneWhy !== undefined) return;
      if (this.#unanswered === QUESTIONS) {
        this.#giveUp(`nothing heard of it in ${(QUESTIONS * SILENCE_MS) / 1000} s`);
        return;
      }
      // What has come in the meantime has set it to 0.
      if (this.#unanswered++ > 0) this.time().catch(() => {});
      this.#listenFor();
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
      channel.lost("EIO", `the agent of ${this.name} is gone: ${this.#goneWhy}`);
    }
    for (const tell of this.#losers) tell(this.#goneWhy);
    this.#losers.clear();
  }
}
