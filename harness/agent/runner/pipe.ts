/**
 * The byte pipe between runner and agent: standard input and output of a child process, through whatever lies between
 * (`ip netns exec`, ssh).
 *
 * @example
 * const pipe = startAgent("ip", ["netns", "exec", "client", ...agentCommand()]);
 */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { packageFile } from "../../package.ts";

export interface BytePipe {
  /** The child process, if it is one of this machine and has started. */
  readonly pid?: number | undefined;
  write(bytes: Uint8Array): void;
  onBytes(handler: (bytes: Uint8Array) => void): void;
  /** The other end is gone; `why` is for people. */
  onEnd(handler: (why: string) => void): void;
  /**
   * Ends the agent's input and waits until the process is gone: true. A process that is still there after the limit is
   * killed: false.
   */
  close(limitMs?: number): Promise<boolean>;
}

/** Our agent: a Perl program without dependencies. */
export const AGENT_SCRIPT = fileURLToPath(packageFile("vm/agent/anchorage-agent.pl"));

/** Starts the agent on this machine's hosts: ours, or the one that ANCHORAGE_AGENT names (`./my-agent --verbose`). */
export function agentCommand(): readonly string[] {
  const words = process.env.ANCHORAGE_AGENT?.split(/\s+/).filter((word) => word !== "") ?? [];
  return words.length > 0 ? words : ["perl", AGENT_SCRIPT];
}

/** How long a process may take to end by itself, and again after it was killed. */
const END_LIMIT_MS = 2_000;

export function startAgent(command: string, args: readonly string[]): BytePipe {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(command, args, {
    stdio: ["pipe", "pipe", "inherit"],
    // The runner gets the terminal's interrupt, and then ends the agents in order.
    detached: true,
  });
  let why = `${command} ended`;
  let ended = false;
  const handlers: ((why: string) => void)[] = [];
  child.once("error", (error) => {
    why = `${command}: ${error.message}`;
  });
  const gone = new Promise<void>((resolve) => {
    child.once("close", (status, signal) => {
      ended = true;
      if (why === `${command} ended`) why += status === null ? ` by ${signal}` : ` with status ${status}`;
      for (const handler of handlers) handler(why);
      resolve();
    });
  });
  child.stdin.on("error", () => {});
  return {
    pid: child.pid,
    write: (bytes) => void child.stdin.write(bytes),
    onBytes: (handler) => void child.stdout.on("data", handler),
    onEnd: (handler) => (ended ? handler(why) : void handlers.push(handler)),
    async close(limitMs = END_LIMIT_MS) {
      child.stdin.end();
      if (await settles(gone, limitMs)) return true;
      killGroup(child);
      if (await settles(gone, END_LIMIT_MS)) return false;
      // It hangs in the kernel, or another process holds the pipe: this process must be able to end all the same.
      child.stdout.destroy();
      child.stdin.destroy();
      child.unref();
      return false;
    },
  };
}

async function settles(promise: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const settled = await Promise.race([promise.then(() => true), limit]);
  clearTimeout(timer);
  return settled;
}

/** The child leads a process group: a shell's own children go with it. */
function killGroup(child: ChildProcessByStdio<Writable, Readable, null>): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
