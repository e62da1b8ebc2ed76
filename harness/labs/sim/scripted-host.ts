/**
 * A host without a network, in virtual time: the caller plays the far end of every connection. Clients `arrive`, and
 * servers `accept` or `refuse`. Tests and the replay of captures run the real daemon on it.
 *
 * @example
 * const host = new ScriptedHost({ address: "198.51.100.1", random: new SeededRandom(1) });
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
  type Host,
  type Listener,
  type ListenOptions,
  type LogLevel,
  type Process,
  type ProcessResult,
  type Random,
} from "../../../proxy/host.ts";
import { VirtualClock } from "../../net/time/clock.ts";
import { MemoryFiles } from "./memory-files.ts";
import { connectionPair, type ScriptedConnection } from "./scripted-connection.ts";

export interface Logged {
  readonly level: LogLevel;
  readonly text: string;
}

/** A connection that the host is trying to make. */
export interface Dialled {
  readonly target: Endpoint;
  /** The far end; talk on it after `accept`. */
  readonly far: ScriptedConnection;
  accept(): void;
  /** RST, ICMP or an error of connect(2) itself, reported at the next turn of the clock. */
  refuse(code: ConnectionErrorCode): void;
}

export interface ScriptedHostOptions {
  /** The address that outgoing connections come from. */
  readonly address: string;
  readonly random: Random;
}

export class ScriptedHost implements Host {
  readonly name = "scripted";
  readonly clock = new VirtualClock(0);
  readonly random: Random;
  readonly files = new MemoryFiles();
  readonly logged: Logged[] = [];
  /** Called with each log line, beside `logged`. */
  onLog: ((level: LogLevel, text: string) => void) | undefined;
  /** Connections to the listening address come back to the listener. */
  loopback = false;
  /** Decides about every outgoing connection; without it no connection is answered. */
  onDial: ((dialled: Dialled) => void) | undefined;
  /** Runs programs; absent: there are none. */
  onRun: ((command: string, args: readonly string[], stdin: string) => Promise<ProcessResult>) | undefined;
  readonly #address: string;
  #listening: Endpoint | undefined;
  #onConnection: ((connection: Connection) => void) | undefined;
  #nextPort = 10_000;

  constructor(options: ScriptedHostOptions) {
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

  /** A client connects; `dialled` is what the accepted socket shows as its own end. Undefined: there is no listener. */
  arrive(from: Endpoint, dialled: Endpoint): ScriptedConnection | undefined {
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
    throw new ConnectionError("EIO", `${command}: this host runs no programs`);
  }

  log(level: LogLevel, text: string): void {
    this.logged.push({ level, text });
    this.onLog?.(level, text);
  }
}
