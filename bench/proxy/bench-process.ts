/**
 * The other processes of the proxy's benchmark (role.ts), and a client that talks to them.
 *
 * @example
 * const server = await BenchProcess.start("server");
 * const client = await dial(server.port);
 * await client.ask("NOOP\r\n");
 */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("./role.ts", import.meta.url));

export class BenchProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(role: "server" | "relay" | "proxy", target?: BenchProcess): Promise<BenchProcess> {
    const child = fork(script, [role, String(target?.port ?? 0)], { execArgv: ["--import", "tsx"] });
    const [{ port }] = (await once(child, "message")) as [{ port: number }];
    return new BenchProcess(child, port);
  }

  /** Bytes, after a collection. */
  async memory(): Promise<{ readonly rss: number; readonly heapUsed: number }> {
    this.#child.send("memory");
    const [memory] = (await once(this.#child, "message")) as [{ rss: number; heapUsed: number }];
    return memory;
  }

  stop(): void {
    this.#child.disconnect();
  }
}

/** A control connection whose greeting has come. */
export async function dial(port: number): Promise<Asking> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const client = new Asking(socket);
  await client.answered();
  return client;
}

export class Asking {
  readonly #socket: Socket;
  #answered: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", () => this.#answered());
    socket.on("error", (error) => {
      throw error;
    });
  }

  answered(): Promise<void> {
    return new Promise((resolve) => {
      this.#answered = resolve;
    });
  }

  async ask(line: string): Promise<void> {
    const answered = this.answered();
    this.#socket.write(line);
    await answered;
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
    this.#socket.end();
    return closed;
  }
}
