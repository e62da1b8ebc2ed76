/**
 * A host without a machine: virtual time, and the far ends of all its connections in the caller's
 * hands. Tests, the bench and the replayer of captures run the real daemon on it.
 *
 * @example
 * const host = new MemoryHost({ address: "198.51.100.1", random: seeded(1) });
 * host.onDial = (dialled) => dialled.accept();
 * const client = host.arrive({ address: "10.0.0.2", port: 40000 }, { address: "198.51.100.9", port: 21 });
 * await host.clock.advance(10);
 */

import {
  type Connection,
  ConnectionError,
  type ConnectionErrorCode,
  type ConnectOptions,
  type Endpoint,
  type Files,
  type Host,
  type Listener,
  type ListenOptions,
  type LogLevel,
  type Process,
  type ProcessResult,
  type Random,
} from "../host.ts";
import { connectionPair, type MemoryConnection } from "./memory-connection.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface Logged {
  readonly level: LogLevel;
  readonly text: string;
}

/** A connection that the host is trying to make. */
export interface Dialled {
  readonly target: Endpoint;
  /** The far end; talk on it after `accept`. */
  readonly far: MemoryConnection;
  accept(): void;
  /** RST, ICMP or an error of connect(2) itself, told at the next turn of the clock. */
  refuse(code: ConnectionErrorCode): void;
}

export interface MemoryHostOptions {
  /** The address that outgoing connections come from. */
  readonly address: string;
  readonly random: Random;
  readonly start?: number;
}

export class MemoryHost implements Host {
  readonly name = "memory";
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly files: Files = { read: noFile, write: noFile, remove: noFile };
  readonly logged: Logged[] = [];
  /** Told of each log line in addition. */
  onLog: ((level: LogLevel, text: string) => void) | undefined;
  /** Connections to the listening address come back to the listener. */
  loopback = false;
  /** Decides about every outgoing connection; absent: nobody answers. */
  onDial: ((dialled: Dialled) => void) | undefined;
  /** Runs programs; absent: there are none. */
  onRun: ((command: string, args: readonly string[], stdin: string) => Promise<ProcessResult>) | undefined;
  readonly #address: string;
  #listening: Endpoint | undefined;
  #onConnection: ((connection: Connection) => void) | undefined;
  #nextPort = 10_000;

  constructor(options: MemoryHostOptions) {
    this.clock = new VirtualClock(options.start ?? 0);
    this.random = options.random;
    this.#address = options.address;
  }

  async listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    this.#onConnection = onConnection;
    const local = { address: options.address ?? "0.0.0.0", port: options.port };
    this.#listening = local;
    return {
      local,
      close: () => {
        this.#onConnection = undefined;
      },
    };
  }

  /** A client connects; `dialled` is what the accepted socket shows as its own end. Undefined: nobody listens. */
  arrive(from: Endpoint, dialled: Endpoint): MemoryConnection | undefined {
    const onConnection = this.#onConnection;
    if (onConnection === undefined) return undefined;
    const { near, far } = connectionPair(this.clock, dialled, from);
    onConnection(near);
    return far;
  }

  connect(options: ConnectOptions): Connection {
    const local = { address: options.local?.address ?? this.#address, port: this.#nextPort++ };
    const target = { address: options.address, port: options.port };
    const { near, far } = connectionPair(this.clock, local, target, false);
    if (this.loopback && target.address === this.#listening?.address && target.port === this.#listening.port) {
      this.clock.after(1, () => {
        near.establish();
        far.establish();
        this.#onConnection?.(far);
      });
      return near;
    }
    this.onDial?.({
      target,
      far,
      accept: () => {
        near.establish();
        far.establish();
      },
      refuse: (code) => near.fail(code),
    });
    return near;
  }

  async run(command: string, args: readonly string[], options?: { readonly stdin?: string | Uint8Array }) {
    const stdin = typeof options?.stdin === "string" ? options.stdin : new TextDecoder().decode(options?.stdin);
    return this.onRun?.(command, args, stdin) ?? { status: 127, stdout: "", stderr: `${command}: not found\n` };
  }

  async spawn(command: string): Promise<Process> {
    throw new ConnectionError("EIO", `${command}: no programs in memory`);
  }

  log(level: LogLevel, text: string): void {
    this.logged.push({ level, text });
    this.onLog?.(level, text);
  }
}

async function noFile(): Promise<never> {
  throw new ConnectionError("EIO", "no files in memory");
}

/** A repeatable generator (xorshift32), for plays with a seed. */
export function seeded(seed: number): Random {
  let state = seed | 0 || 1;
  return {
    below: (below) => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % below;
    },
  };
}
