/**
 * daemon(3) for Node, which cannot fork: the program starts itself again, detached, and the first one
 * stays until the second is serving or has failed, so that its words reach the terminal and its exit
 * status the caller.
 *
 * @example
 * if (!foreground) return intoBackground(args, script);
 */

import { spawn } from "node:child_process";
import { closeSync, writeSync } from "node:fs";

/** The pipe on which the second tells the first that it serves. */
const readyDescriptor = 3;

export function intoBackground(args: readonly string[], script: string): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
    detached: true,
    cwd: "/",
    env: { ...process.env, ANCHORAGE_BACKGROUND: "1" },
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  child.stderr?.pipe(process.stderr);
  return new Promise((resolve) => {
    child.once("error", (error) => {
      process.stderr.write(`ftp-proxy: cannot daemonize: ${error.message}\n`);
      resolve(1);
    });
    child.once("close", (status) => resolve(status ?? 1));
    child.stdio[readyDescriptor]?.once("data", () => {
      child.stderr?.destroy();
      child.stdio[readyDescriptor]?.destroy();
      child.unref();
      resolve(0);
    });
  });
}

/** Said by the second; in the foreground there is nobody to tell. */
export function tellReady(): void {
  if (process.env.ANCHORAGE_BACKGROUND === undefined) return;
  // From now on nobody reads what we write there.
  process.stderr.on("error", () => {});
  try {
    writeSync(readyDescriptor, ".");
    closeSync(readyDescriptor);
  } catch {
    // Whoever started us has gone already.
  }
}
