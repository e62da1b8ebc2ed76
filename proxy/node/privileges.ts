/**
 * Giving up root for good, and finding out who there is to become.
 *
 * @example
 * const account = findAccount("_ftp_proxy") ?? fail("unknown user _ftp_proxy");
 * becomeForGood(account);
 */

import { spawnSync } from "node:child_process";
import { StartProblem } from "../program.ts";

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** By id(1), which asks whatever the system keeps its users in. */
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
  if (uid !== 0 && canBecomeRoot()) throw new StartProblem("cannot drop privileges: there is a way back");
}

function canBecomeRoot(): boolean {
  try {
    process.setuid?.(0);
    return true;
  } catch {
    return false;
  }
}
