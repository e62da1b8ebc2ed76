/**
 * The byte pipe between runner and agent: a child process's standard input and output, whatever
 * lies between (`ip netns exec`, ssh).
 *
 * @example
 * const pipe = startAgent("ip", ["netns", "exec", "client", "node", "agent.mjs"]);
 */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

export interface BytePipe {
  write(bytes: Uint8Array): void;
  onBytes(handler: (bytes: Uint8Array) => void): void;
  /** The other end is gone; `why` is for people. */
  onEnd(handler: (why: string) => void): void;
  /**
   * Ends the agent's input; settles when the process is gone: true. One that does not go by then is killed, and not
   * waited for any longer: false.
   */
  close(patienceMs?: number): Promise<boolean>;
}

/** What a process may take to end by itself, and then once it has been killed. */
const END_PATIENCE_MS = 2_000;

export function startAgent(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): BytePipe {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(command, args, {
    stdio: ["pipe", "pipe", "inherit"],
    env,
    // An interrupt at the terminal is the runner's business, which then ends the agents in order.
    detached: true,
  });
  let why = `${command} ended`;
  let ended = false;
  const enders: ((why: string) => void)[] = [];
  child.once("error", (error) => {
    why = `${command}: ${error.message}`;
  });
  const gone = new Promise<void>((resolve) => {
    child.once("close", (status, signal) => {
      ended = true;
      if (why === `${command} ended`) why += status === null ? ` by ${signal}` : ` with status ${status}`;
      for (const tell of enders) tell(why);
      resolve();
    });
  });
  child.stdin.on("error", () => {});
  return {
    write: (bytes) => void child.stdin.write(bytes),
    onBytes: (handler) => void child.stdout.on("data", handler),
    onEnd: (handler) => (ended ? handler(why) : void enders.push(handler)),
    async close(patienceMs = END_PATIENCE_MS) {
      child.stdin.end();
      if (await within(patienceMs, gone)) return true;
      killGroup(child);
      if (await within(END_PATIENCE_MS, gone)) return false;
      // The kernel has it, or somebody else holds the other end of the pipe: nothing of it keeps this process.
      child.stdout.destroy();
      child.stdin.destroy();
      child.unref();
      return false;
    },
  };
}

/** Whether it has settled by then. */
async function within(milliseconds: number, settled: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const done = await Promise.race([settled.then(() => true), limit]);
  clearTimeout(timer);
  return done;
}

/** It leads a group: of a shell's line, what the shell has started. */
function killGroup(child: ChildProcessByStdio<Writable, Readable, null>): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
