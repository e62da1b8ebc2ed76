/**
 * Becoming a daemon: into the background, away from root, within the limit of open files, small in memory.
 *
 * Node cannot fork as daemon(3) does. The program starts itself again, detached; the first process stays until
 * the second serves or has failed, so that errors reach the terminal and the exit status reaches the caller.
 *
 * @example
 * if (!foreground) return intoBackground(args, script);
 * const account = findAccount("_ftp_proxy") ?? fail("unknown user _ftp_proxy");
 * becomeForGood(account);
 */

import { spawn, spawnSync } from "node:child_process";
import { closeSync, writeSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { StartProblem } from "../program.ts";

/** The pipe on which the second process reports to the first. */
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

/** The second process reports that it serves; in the foreground nothing waits for it. */
export function reportReady(): void {
  if (process.env.ANCHORAGE_BACKGROUND === undefined) return;
  // The first process no longer reads it.
  process.stderr.on("error", () => {});
  try {
    writeSync(readyDescriptor, ".");
    closeSync(readyDescriptor);
  } catch {
    // The first process has ended already.
  }
}

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** By id(1), which asks every source of users that the system has. */
export function findAccount(name: string): Account | undefined {
  const number = (flag: string) => {
    const { status, stdout } = spawnSync("id", [flag, name], { encoding: "utf8" });
    return status === 0 && /^\d+\s*$/.test(stdout) ? Number(stdout) : undefined;
  };
  const [uid, gid] = [number("-u"), number("-g")];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

/** Source: ftp-proxy.c 1.41, drop_privs: groups, then gid, then uid. Throws StartProblem. */
export function becomeForGood({ uid, gid }: Account): void {
  try {
    process.setgroups?.([gid]);
    process.setgid?.(gid);
    process.setuid?.(uid);
  } catch (error) {
    throw new StartProblem(`cannot drop privileges: ${error instanceof Error ? error.message : error}`);
  }
  if (uid !== 0 && canBecomeRoot()) throw new StartProblem("cannot drop privileges: root can be regained");
}

function canBecomeRoot(): boolean {
  try {
    process.setuid?.(0);
    return true;
  } catch {
    return false;
  }
}

/** Descriptors of Node itself, the listener, the helper's pipes and the loggers. Measured: 24 to 33. */
const ownDescriptors = 40;

/** Undefined: not known. */
export function openFilesLimit(): number | undefined {
  const { status, stdout } = spawnSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" });
  return status === 0 && /^\d+\s*$/.test(stdout) ? Number(stdout) : undefined;
}

/** Two descriptors each; at least one session. Source: ftp-proxy.c 1.41: 2 × maxsessions + 10. */
export function sessionsFor(limit: number): number {
  return Math.max(1, Math.floor((limit - ownDescriptors) / 2));
}

/** The young generation never grows: 500 busy sessions are resident in 62 MB, not in 85 (`npm run bench -- proxy`). */
export function staySmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--optimize-for-size");
}
