/**
 * The Host of the program: Node's network, processes, files, clock and random numbers. `run` never rejects for a
 * program that fails or is missing; `listen` takes an open descriptor in place of an address.
 *
 * @example
 * const host = new NodeHost({ log: (level, text) => process.stderr.write(`${text}\n`) });
 * const proxy = await startProxy(host, options, new PfctlPacketFilter(host));
 */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { constants, hostname } from "node:os";
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
} from "../host.ts";
import { connectionError, NodeConnection } from "./node-connection.ts";

export interface NodeHostOptions {
  readonly log: (level: LogLevel, text: string) => void;
  /** A listening socket that another program opened (systemd, a TPROXY lab); takes the place of binding. */
  readonly listenDescriptor?: number;
}

/** Source: Node, randomInt takes ranges below 2^48. */
const random: Random = { below: (below) => randomInt(below) };

const clock: Clock = {
  // Monotonic, unlike Date.
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return { cancel: () => clearTimeout(timer) };
  },
};

const files: Files = {
  read: (path) => readFile(path),
  write: (path, bytes) => writeFile(path, bytes),
  remove: (path) => rm(path),
};

export class NodeHost implements Host {
  readonly name = hostname();
  readonly clock = clock;
  readonly random = random;
  readonly files = files;
  readonly #options: NodeHostOptions;

  constructor(options: NodeHostOptions) {
    this.#options = options;
  }

  log(level: LogLevel, text: string): void {
    this.#options.log(level, text);
  }

  async listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    await listening(server, options, this.#options.listenDescriptor);
    // Node goes on after a failed accept(2).
    server.on("error", (error) => options.onError?.(connectionError(error)));
    server.on("connection", (socket) => onConnection(NodeConnection.accepted(socket)));
    const address = server.address();
    const local =
      typeof address === "object" && address !== null
        ? { address: address.address, port: address.port }
        : { address: options.address ?? "", port: options.port };
    return { local, close: () => server.close() };
  }

  connect({ address, port, local }: ConnectOptions): Connection {
    const socket = connect({
      host: address,
      port,
      allowHalfOpen: true,
      noDelay: true,
      ...(local?.address !== undefined && { localAddress: local.address }),
      ...(local?.port !== undefined && { localPort: local.port }),
    });
    return NodeConnection.dialled(socket, { address, port });
  }

  run(command: string, args: readonly string[], options: RunOptions = {}): Promise<ProcessResult> {
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, {
        stdio: "pipe",
        ...(options.env && { env: { ...process.env, ...options.env } }),
      });
      const output = { stdout: "", stderr: "" };
      for (const stream of ["stdout", "stderr"] as const) {
        child[stream].setEncoding("utf8").on("data", (text: string) => {
          output[stream] += text;
        });
      }
      const abort = () => {
        child.kill("SIGKILL");
        reject(new Error(`${command} was given up`));
      };
      options.signal?.addEventListener("abort", abort, { once: true });
      const finish = (status: number) => {
        options.signal?.removeEventListener("abort", abort);
        resolve({ status, ...output });
      };
      child.on("error", (error) => {
        output.stderr += `${error.message}\n`;
        finish(127);
      });
      child.on("close", (status, signal) => finish(status ?? 128 + (signal === "SIGKILL" ? 9 : 15)));
      // A program may end without reading its input.
      child.stdin.on("error", () => {});
      child.stdin.end(options.stdin ?? "");
    });
  }

  async spawn(command: string, args: readonly string[], options: RunOptions = {}): Promise<Process> {
    return NodeProcess.start(command, args, options.env);
  }
}

/** Resolves when bound; rejects with ConnectionError. */
async function listening(server: Server, options: ListenOptions, descriptor: number | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => reject(connectionError(error));
    server.once("error", fail);
    const done = () => {
      server.off("error", fail);
      resolve();
    };
    if (descriptor !== undefined) {
      server.listen({ fd: descriptor }, done);
      return;
    }
    const { address, port, backlog } = options;
    server.listen({ port, exclusive: true, ...(address && { host: address }), ...(backlog && { backlog }) }, done);
  });
}

export class NodeProcess implements Process {
  readonly pid: number;
  readonly exited: Promise<number>;
  readonly stdin: Process["stdin"];
  readonly #child: ChildProcessWithoutNullStreams;

  private constructor(child: ChildProcessWithoutNullStreams, pid: number) {
    this.#child = child;
    this.pid = pid;
    this.exited = new Promise((resolve) => {
      child.once("close", (status, signal) =>
        resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
    child.stdin.on("error", () => {});
    this.stdin = {
      write: (bytes) => {
        if (!child.stdin.destroyed) child.stdin.write(bytes);
      },
      end: () => child.stdin.end(),
    };
  }

  /** Rejects when the program cannot be started. */
  static start(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<NodeProcess> {
    const child = spawn(command, args, { stdio: "pipe", ...(env && { env: { ...process.env, ...env } }) });
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => resolve(new NodeProcess(child, child.pid ?? 0)));
    });
  }

  onOutput(handler: (stream: "stdout" | "stderr", bytes: Uint8Array) => void): void {
    this.#child.stdout.on("data", (bytes: Buffer) => handler("stdout", bytes));
    this.#child.stderr.on("data", (bytes: Buffer) => handler("stderr", bytes));
  }

  kill(signal: "SIGTERM" | "SIGKILL" | "SIGINT" | "SIGHUP" = "SIGTERM"): void {
    this.#child.kill(signal);
  }
}
