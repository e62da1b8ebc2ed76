/**
 * A child process of Node as a `Process`.
 *
 * @example
 * const child = await NodeProcess.start("/usr/sbin/vsftpd", ["conf"]);
 * child.onOutput((stream, bytes) => log(stream, bytes));
 */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Process } from "../host.ts";

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
