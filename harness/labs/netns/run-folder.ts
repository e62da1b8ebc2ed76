/**
 * What a run has made on this machine, by name, so that a run that was killed leaves nothing for good:
 * each run writes the names of its namespaces down before it makes them, and sweeps what runs have left
 * that are no longer alive. Nothing else on the machine is touched.
 *
 * A run that stands for people bears a name instead of its process's number; a name is taken by one
 * live run at a time.
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

/** Where only this user writes: what is read here is deleted, and run. */
export const RUNS = isRoot() ? "/run/anchorage" : (inUserNamespace() ?? runsOfUser());

function runsOfUser(): string {
  // Who has become another user may still have the folder of the one before.
  const folder = process.env.XDG_RUNTIME_DIR;
  if (folder !== undefined && isOwn(folder)) return join(folder, "anchorage");
  return join(tmpdir(), `anchorage-${process.getuid?.() ?? 0}`);
}

/** Throws when it is another's, as it may be where everybody writes. */
export function makeRuns(): void {
  mkdirSync(RUNS, { recursive: true, mode: isRoot() ? 0o755 : 0o700 });
  const { uid, mode } = lstatSync(RUNS);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0)
    throw new Error(`${RUNS} must be a folder of this user alone`);
}

export interface RunFolder {
  readonly path: string;
  readonly namespaces: readonly string[];
  /** Before it is made. */
  record(namespace: string): void;
  /** Takes a name, from which others find this run. Throws NameTaken. */
  claim(name: string): void;
  /** Deletes the recorded namespaces and the folder; synchronous, so that it can be the last thing a process does. */
  remove(): void;
}

export class NameTaken extends Error {
  override readonly name = "NameTaken";
}

interface RunRecord {
  readonly pid: number;
  /** Tells this process from a later one with the same number: clock ticks since boot. */
  readonly started: string;
  readonly namespaces: readonly string[];
}

/** A run that is alive. */
export interface LiveRun {
  /** As it was claimed; the process's number when it was not. */
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
        // At once: of two that want the same name one finds a folder that is not empty.
        renameSync(path, named);
      } catch {
        throw new NameTaken(`a lab "${name}" stands already, or is being set up`);
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

/** Puts away what runs have left whose process is gone. Answers the namespaces that were deleted. */
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

/** A namespace lives on without a name as long as somebody is in it: programs that have left their agent, shells. */
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
