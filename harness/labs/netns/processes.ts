/**
 * Who lives in a network namespace: processes, found through proc(5). Only namespaces that have a name
 * are looked at, and never the one that this process is in.
 *
 * @example
 * processesIn(["anchorage-4711-forward-client"]) // [4720, 4733]
 */

import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where ip-netns(8) keeps the names. */
const NAMES = "/run/netns";

export function processesIn(namespaces: readonly string[]): number[] {
  const own = idOf("/proc/self/ns/net");
  const wanted = new Set(namespaces.map((name) => idOf(join(NAMES, name))));
  wanted.delete(own);
  wanted.delete(undefined);
  if (wanted.size === 0) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => wanted.has(linked(`/proc/${pid}/ns/net`)))
    .map(Number);
}

/** Answers how many there were, but for those that are to stay. */
export function killAllIn(
  namespaces: readonly string[],
  signal: NodeJS.Signals,
  staying: ReadonlySet<number> = new Set(),
): number {
  const leaving = processesIn(namespaces).filter((pid) => !staying.has(pid));
  for (const pid of leaving) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
  return leaving.length;
}

/**
 * When a process began, in clock ticks since boot: tells it from a later one with the same number.
 * Undefined when it has ended. proc(5), /proc/PID/stat: field 22, counted behind the name in parentheses.
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, ...fields] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    // A zombie runs no more; its parent may not have looked yet.
    return state === "Z" || state === "X" ? undefined : fields[18];
  } catch {
    return undefined;
  }
}

/** As the links in /proc/PID/ns read. A file whose mount is gone is no namespace: its number stands on another device. */
function idOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return dev === statSync("/proc/self/ns/net").dev ? `net:[${ino}]` : undefined;
  } catch {
    return undefined;
  }
}

function linked(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
