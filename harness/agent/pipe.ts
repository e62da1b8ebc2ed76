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
  /** Ends the agent's input; settles when the process is gone. */
  close(): Promise<void>;
}

/** What a process may take to end by itself. */
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
      if (status !== 0 && why === `${command} ended`)
        why += status === null ? ` by ${signal}` : ` with status ${status}`;
      for (const tell of enders) tell(why);
      resolve();
    });
  });
  child.stdin.on("error", () => {});
  return {
    write: (bytes) => void child.stdin.write(bytes),
    onBytes: (handler) => void child.stdout.on("data", handler),
    onEnd: (handler) => (ended ? handler(why) : void enders.push(handler)),
    async close() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), END_PATIENCE_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}
