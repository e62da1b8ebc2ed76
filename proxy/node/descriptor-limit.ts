/**
 * How many sessions the process's limit of open files carries. Node can read that limit only through a
 * shell, and cannot raise it as ftp-proxy(8) does with setrlimit(2); and a connection that finds no
 * descriptor is closed by Node without a word, so the sessions are limited instead, which is logged.
 *
 * @example
 * sessionsFor(512); // 236
 */

import { spawnSync } from "node:child_process";

/** Descriptors of Node itself, the listener, the helper's pipes and the loggers. Measured: 24 to 33. */
const ownDescriptors = 40;

/** Undefined: no limit that can be found out. */
export function openFilesLimit(): number | undefined {
  const { status, stdout } = spawnSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" });
  return status === 0 && /^\d+\s*$/.test(stdout) ? Number(stdout) : undefined;
}

/** Two descriptors each; at least one session. Source: ftp-proxy.c 1.41: 2 × maxsessions + 10. */
export function sessionsFor(limit: number): number {
  return Math.max(1, Math.floor((limit - ownDescriptors) / 2));
}
