/**
 * Records the namespaces that a run makes on this machine, so that a killed run leaves nothing for good.
 * Each run writes the names down before it makes the namespaces, and removes those of dead runs. It touches
 * nothing else on the machine.
 *
 * A run of `lab up` has a name instead of its process's number. Only one live run at a time has a name.
 *
 * @example
 * const folder = await openRunFolder();
 * folder.record("anchorage-4711-client");
 * folder.remove();
 */

import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inUserNamespace, isRoot } from "./privilege.ts";
import { killAllIn, startTimeOf } from "./processes.ts";

/** Only this user may write here: its files name what is deleted, and run. */
export const RUNS = isRoot() ? "/run/anchorage" : (inUserNamespace() ?? runsOfUser());

function runsOfUser(): string {
  // After su(1) the variable may still name the former user's folder.
  const folder = process.env.XDG_RUNTIME_DIR;
  if (folder !== undefined && isOwn(folder)) return join(folder, "anchorage");
  return join(tmpdir(), `anchorage-${process.getuid?.() ?? 0}`);
}

/** Throws if the folder belongs to another user, which is possible in a shared folder such as /tmp. */
export function makeRuns(): void {
  mkdirSync(RUNS, { recursive: true, mode: isRoot() ? 0o755 : 0o700 });
  const { uid, mode } = lstatSync(RUNS);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0)
    throw new Error(`${RUNS} must be a folder of this user alone`);
}

export interface RunFolder {
  readonly path: string;
  readonly namespaces: readonly string[];
  /** To be called before the namespace is made. */
  record(namespace: string): void;
  /** Takes a name, by which other commands find this run. Throws NameTaken. */
  claim(name: string): void;
  /** Deletes the recorded namespaces and the folder. Synchronous, so that a process can do it as it exits. */
  remove(): void;
}

export class NameTaken extends Error {
  override readonly name = "NameTaken";
}

interface RunRecord {
  readonly pid: number;
  /** Clock ticks since boot: distinguishes this process from a later one with the same number. */
  readonly started: string;
  readonly namespaces: readonly string[];
}

/** A live run. */
export interface LiveRun {
  /** The claimed name, or else the process's number. */
  readonly name: string;
  readonly path: string;
  readonly pid: number;
  readonly namespaces: readonly string[];
}

const RECORD = "run.json";

export function openRunFolder(): RunFolder {
  makeRuns();
  sweepDeadRuns();
  let path = join(RUNS, String(process.pid));
  mkdirSync(path, { recursive: true, mode: 0o755 });
  const started = startTimeOf(process.pid) ?? "";
  const namespaces: string[] = [];
  const write = () => {
    const record: RunRecord = { pid: process.pid, started, namespaces };
    writeFileSync(join(path, RECORD), JSON.stringify(record));
  };
  write();
  return {
    get path() {
      return path;
    },
    namespaces,
    record(namespace) {
      namespaces.push(namespace);
      write();
    },
    claim(name) {
      const named = join(RUNS, name);
      try {
        // Atomic: if two want the same name, the second finds a folder that is not empty.
        renameSync(path, named);
      } catch {
        throw new NameTaken(`a lab "${name}" is up already, or is being set up`);
      }
      path = named;
    },
    remove() {
      deleteNamespaces(namespaces);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export function liveRuns(): LiveRun[] {
  return runNames().flatMap((name) => {
    const path = join(RUNS, name);
    const record = readRecord(join(path, RECORD));
    if (record === undefined || !isAlive(record)) return [];
    return [{ name, path, pid: record.pid, namespaces: record.namespaces }];
  });
}

/** Removes the namespaces and folders of runs whose process is gone. Returns the deleted namespaces. */
export function sweepDeadRuns(): string[] {
  const swept: string[] = [];
  for (const name of runNames()) {
    const path = join(RUNS, name);
    const record = readRecord(join(path, RECORD));
    if (record === undefined || isAlive(record)) continue;
    deleteNamespaces(record.namespaces);
    swept.push(...record.namespaces);
    rmSync(path, { recursive: true, force: true });
  }
  return swept;
}

/** Without its name a namespace lives on while a process is in it, such as a shell; so those are killed first. */
function deleteNamespaces(namespaces: readonly string[]): void {
  if (namespaces.length === 0) return;
  killAllIn(namespaces, "SIGKILL");
  const batch = namespaces.map((name) => `netns del ${name}\n`).join("");
  spawnSync("ip", ["-force", "-batch", "-"], { input: batch, stdio: ["pipe", "ignore", "ignore"] });
}

const runNames = (): string[] => (isOwn(RUNS) ? readdirSync(RUNS) : []);

function isOwn(path: string): boolean {
  try {
    return lstatSync(path).uid === process.getuid?.();
  } catch {
    return false;
  }
}

function readRecord(path: string): RunRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as RunRecord;
  } catch {
    return undefined;
  }
}

const isAlive = ({ pid, started }: RunRecord): boolean => startTimeOf(pid) === started;
