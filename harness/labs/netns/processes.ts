/**
 * The processes in network namespaces, found by proc(5). Only namespaces with a name are searched, and never that of this
 * process.
 *
 * @example
 * processesIn(["anchorage-4711-forward-client"]) // [4720, 4733]
 */

import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";

/** The names of ip-netns(8). */
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

/** Returns how many there were, without those that stay. */
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
 * The start of a process in clock ticks since boot, which a later process with the same number does not have. Undefined
 * when it has ended. proc(5), /proc/PID/stat: field 22, counted after the name in parentheses.
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, ...fields] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    // A zombie has ended, though its parent has not waited for it yet.
    return state === "Z" || state === "X" ? undefined : fields[18];
  } catch {
    return undefined;
  }
}

/** In the form of the links in /proc/PID/ns. A file whose mount is gone is on another device: no namespace. */
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
