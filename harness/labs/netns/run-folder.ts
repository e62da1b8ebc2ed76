/**
 * What a run has made on this machine, by name, so that a run that was killed leaves nothing for good:
 * each run writes the names of its namespaces down before it makes them, and sweeps what runs have left
 * that are no longer alive. Nothing else on the machine is touched.
 *
 * @example
 * const folder = await openRunFolder();
 * folder.record("anchorage-4711-client");
 * folder.remove();
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RunFolder {
  readonly path: string;
  /** Before it is made. */
  record(namespace: string): void;
  /** Deletes the recorded namespaces and the folder; synchronous, so that it can be the last thing a process does. */
  remove(): void;
}

interface RunRecord {
  readonly pid: number;
  /** Tells this process from a later one with the same number: clock ticks since boot. */
  readonly started: string;
  readonly namespaces: readonly string[];
}

const base = (): string => join(tmpdir(), "anchorage-netns");
const RECORD = "run.json";

export function openRunFolder(): RunFolder {
  sweepDeadRuns();
  const path = join(base(), String(process.pid));
  mkdirSync(path, { recursive: true, mode: 0o755 });
  const record: RunRecord = { pid: process.pid, started: startOf(process.pid) ?? "", namespaces: [] };
  const namespaces: string[] = [];
  const write = () => writeFileSync(join(path, RECORD), JSON.stringify({ ...record, namespaces }));
  write();
  return {
    path,
    record(namespace) {
      namespaces.push(namespace);
      write();
    },
    remove() {
      deleteNamespaces(namespaces);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Puts away what runs have left whose process is gone. Answers the namespaces that were deleted. */
export function sweepDeadRuns(): string[] {
  const swept: string[] = [];
  for (const name of foldersIn(base())) {
    const path = join(base(), name);
    const record = readRecord(join(path, RECORD));
    if (record === undefined || startOf(record.pid) === record.started) continue;
    deleteNamespaces(record.namespaces);
    swept.push(...record.namespaces);
    rmSync(path, { recursive: true, force: true });
  }
  return swept;
}

function deleteNamespaces(namespaces: readonly string[]): void {
  if (namespaces.length === 0) return;
  const batch = namespaces.map((name) => `netns del ${name}\n`).join("");
  spawnSync("ip", ["-force", "-batch", "-"], { input: batch, stdio: ["pipe", "ignore", "ignore"] });
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readRecord(path: string): RunRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as RunRecord;
  } catch {
    return undefined;
  }
}

/** proc(5): field 22 of /proc/PID/stat, counted behind the name in parentheses. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
