/**
 * Starts the privileged helper as a child of its own and waits for its first word.
 *
 * @example
 * const { process, ready } = await startHelper(host, script, settings);
 * if ((await ready).problem) …
 */

import type { HelperFilter } from "../helper/helper-filter.ts";
import type { Host, Process } from "../host.ts";
import type { HelperSettings } from "./run-helper.ts";

export interface HelperReady {
  readonly removed: readonly string[];
  readonly warnings: readonly string[];
  readonly problem?: string;
}

export interface StartedHelper {
  readonly process: Process;
  readonly ready: Promise<HelperReady>;
  readonly filter: HelperFilter;
}

/** Milliseconds for the firewall's status and the predecessors' anchors. Our own number. */
const readyLimit = 30_000;

export async function startHelper(
  host: Host,
  script: string,
  settings: HelperSettings,
): Promise<Omit<StartedHelper, "filter">> {
  const child = await host.spawn(process.execPath, [
    ...process.execArgv,
    script,
    "--privileged-helper",
    JSON.stringify(settings),
  ]);
  let forward: ((stream: "stdout" | "stderr", bytes: Uint8Array) => void) | undefined;
  let text = "";
  const ready = new Promise<HelperReady>((resolve) => {
    const timer = host.clock.after(readyLimit, () => resolve(failure("the helper gives no sign")));
    child.onOutput((stream, bytes) => {
      if (text.includes("\n") || stream === "stderr") {
        forward?.(stream, bytes);
        return;
      }
      text += new TextDecoder().decode(bytes);
      const end = text.indexOf("\n");
      if (end < 0) return;
      timer.cancel();
      resolve(readReady(text.slice(0, end)));
    });
    void child.exited.then((status) => {
      timer.cancel();
      resolve(failure(`the helper ended with status ${status}`));
    });
  });
  // The first line is ours; whoever listens afterwards gets the rest.
  const listening: Process = {
    pid: child.pid,
    stdin: child.stdin,
    exited: child.exited,
    kill: (signal) => child.kill(signal),
    onOutput: (handler) => {
      forward = handler;
    },
  };
  return { process: listening, ready };
}

function readReady(line: string): HelperReady {
  try {
    const { ready, warnings, problem } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (!Array.isArray(ready)) return failure(String(problem ?? line));
    return { removed: ready.map(String), warnings: Array.isArray(warnings) ? warnings.map(String) : [] };
  } catch {
    return failure("the helper speaks no JSON");
  }
}

function failure(problem: string): HelperReady {
  return { removed: [], warnings: [], problem };
}
