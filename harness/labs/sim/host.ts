/**
 * A simulated machine as the Host contract has it: proxy and players run on it as they run on Node.
 * Its time is the network's virtual clock, its random numbers a stream of the network's seed, its
 * files are in memory, its programs are functions.
 *
 * `listen` ignores `transparent`: as on OpenBSD, a packet that PF diverts reaches the
 * listener whatever its address, and the connection's `local` is what the peer dialled.
 *
 * @example
 * const host = new SimHost(node, { log: (line) => lines.push(line) });
 * await host.listen({ port: 21 }, (connection) => …);
 */

import {
  type Connection,
  ConnectionError,
  type ConnectOptions,
  type Host,
  type Listener,
  type ListenOptions,
  type LogLevel,
  type Process,
  type ProcessResult,
  type Random,
  type RunOptions,
} from "../../../proxy/host.ts";
import { Icmp } from "../../net/ip/icmp.ts";
import type { Node } from "../../net/ip/node.ts";
import { Udp } from "../../net/ip/udp.ts";
import { LINUX, type TcpSettings } from "../../net/tcp/settings.ts";
import { TcpStack } from "../../net/tcp/stack.ts";
import type { VirtualClock } from "../../net/time/clock.ts";
import { canonicalAddress, familyOf, isLinkLocal } from "../../net/wire/address.ts";
import type { Family } from "../../pf/packet.ts";
import { MemoryFiles } from "./memory-files.ts";
import { type Program, startProgram } from "./program.ts";
import { failedSocket, SimSocket } from "./socket.ts";

export interface LogLine {
  readonly atMs: number;
  readonly host: string;
  readonly level: LogLevel;
  readonly text: string;
}

export interface SimHostOptions {
  /** Of the programs. Default: a stream of the network's seed. */
  readonly random?: Random;
  /** Default: LINUX. */
  readonly tcp?: TcpSettings;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly programs?: Readonly<Record<string, Program>>;
  readonly log?: (line: LogLine) => void;
  /** Virtual time until a started program begins; default 1 ms. */
  readonly startMs?: number;
}

export class SimHost implements Host {
  readonly name: string;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly files: MemoryFiles;
  readonly node: Node;
  readonly tcp: TcpStack;
  readonly udp: Udp;
  readonly icmp: Icmp;
  readonly #programs: Map<string, Program>;
  readonly #log: (line: LogLine) => void;
  readonly #startMs: number;
  /** init(8) is 1. */
  #nextPid = 2;

  constructor(node: Node, options: SimHostOptions = {}) {
    this.node = node;
    this.name = node.name;
    this.clock = node.clock;
    this.random = options.random ?? node.random.stream("programs");
    this.files = new MemoryFiles(options.files);
    this.tcp = new TcpStack(node, options.tcp ?? LINUX);
    this.udp = new Udp(node);
    this.icmp = new Icmp(node);
    this.icmp.onError((kind, quoted) => this.tcp.reportError(kind, quoted));
    this.#programs = new Map(Object.entries(options.programs ?? {}));
    this.#log = options.log ?? (() => {});
    this.#startMs = options.startMs ?? 1;
  }

  /** Makes a program known under this name. */
  install(command: string, program: Program): void {
    this.#programs.set(command, program);
  }

  /** The first address of the family on the first interface that has one, loopback apart. */
  address(family: Family): string {
    for (const one of this.node.interfaces.values()) {
      const address = one.name === "lo0" ? undefined : one.address(family);
      if (address !== undefined) return address;
    }
    throw new Error(`${this.name} has no ${family} address`);
  }

  get linkLocal(): string | undefined {
    const all = [...this.node.interfaces.values()].flatMap(({ addresses }) => addresses);
    return all.find(({ address }) => isLinkLocal(address))?.address;
  }

  async refuseByIcmp(port: number): Promise<void> {
    this.tcp.leaveToIcmp(port);
  }

  async listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    const address = options.address === undefined ? undefined : canonicalAddress(options.address);
    const listener = this.tcp.listen({
      ...(address !== undefined && { address }),
      port: options.port,
      ...(options.backlog !== undefined && { backlog: options.backlog }),
      accept: (connection) => {
        this.clock.wake();
        onConnection(new SimSocket(this.clock, connection));
      },
    });
    return {
      local: { address: address ?? "::", port: listener.port },
      close: () => this.tcp.unlisten(listener),
    };
  }

  connect(options: ConnectOptions): Connection {
    const remote = { address: canonicalAddress(options.address), port: options.port };
    const { local } = options;
    try {
      const from = local?.address === undefined ? local : { ...local, address: canonicalAddress(local.address) };
      return new SimSocket(this.clock, this.tcp.connect({ remote, ...(from !== undefined && { local: from }) }));
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      const address = local?.address ?? (familyOf(remote.address) === "inet" ? "0.0.0.0" : "::");
      return failedSocket(this.clock, { address, port: local?.port ?? 0 }, remote, error);
    }
  }

  run(command: string, args: readonly string[], options: RunOptions = {}): Promise<ProcessResult> {
    return this.#start(command, args, { stdin: "", ...options }).result;
  }

  async spawn(command: string, args: readonly string[], options: RunOptions = {}): Promise<Process> {
    return this.#start(command, args, options).process;
  }

  log(level: LogLevel, text: string): void {
    this.#log({ atMs: this.clock.now(), host: this.name, level, text });
  }

  #start(command: string, args: readonly string[], options: RunOptions) {
    const program = this.#programs.get(command) ?? this.#programs.get(command.replace(/^.*\//, ""));
    const pid = this.#nextPid++;
    return startProgram({ clock: this.clock, pid, command, program, args, options, startMs: this.#startMs });
  }
}
