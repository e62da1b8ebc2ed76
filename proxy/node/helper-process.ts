/**
 * The privileged helper as a process, from both ends. `startHelper` runs in the proxy: it starts the process
 * and waits for its first line. `runHelper` is that process: it checks the firewall, removes the rules that
 * dead predecessors left, serves requests over standard input and output, and cleans up when the proxy is gone.
 *
 * First line out: `{"ready":[…anchors removed…],"warnings":[…]}` or `{"problem":"pf is disabled"}`.
 *
 * @example
 * const { process, ready } = await startHelper(host, script, settings);
 * if ((await ready).problem) …
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Helper } from "../helper/helper.ts";
import type { Host, Process } from "../host.ts";
import { stateTableLookup } from "../original-destination.ts";
import { CoalescingPacketFilter } from "../pf/coalescing.ts";
import { PfctlPacketFilter, removeStaleAnchors } from "../pf/pfctl.ts";
import { limited, type PfctlRunner } from "../pf/pfctl-runner.ts";
import { type DataPath, type RuleOptions, renderRuleset } from "../session/ruleset.ts";
import { NodeHost } from "./node-host.ts";

export interface HelperReady {
  readonly removed: readonly string[];
  readonly warnings: readonly string[];
  readonly problem?: string;
}

export interface StartedHelper {
  readonly process: Process;
  readonly ready: Promise<HelperReady>;
}

/** Root's process has no compiler: it stays small, and it mostly waits for pfctl(8). */
const helperFlags = ["--jitless"] as const;

/** Milliseconds for the firewall's status and the predecessors' anchors. Our own number. */
const readyLimit = 30_000;

export async function startHelper(host: Host, script: string, settings: HelperSettings): Promise<StartedHelper> {
  const child = await host.spawn(process.execPath, [
    ...process.execArgv,
    ...helperFlags,
    script,
    "--privileged-helper",
    JSON.stringify(settings),
  ]);
  let forward: ((stream: "stdout" | "stderr", bytes: Uint8Array) => void) | undefined;
  let text = "";
  const ready = new Promise<HelperReady>((resolve) => {
    const timer = host.clock.after(readyLimit, () => resolve(failure("the helper does not answer")));
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
  // The first line ends here; the listener that comes later gets the rest.
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
    return failure("the first line of the helper is not JSON");
  }
}

function failure(problem: string): HelperReady {
  return { removed: [], warnings: [], problem };
}

export interface HelperSettings {
  readonly pid: number;
  readonly parent: string;
  readonly rules: RuleOptions;
  readonly pfctl: string;
  readonly oneByOne: boolean;
}

export async function runHelper(settings: HelperSettings): Promise<void> {
  // The proxy handles the signals of its process group. The helper ends after it.
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
  const host = new NodeHost({ log: () => {} });
  const run = limited(host, settings.pfctl);
  const status = await run(["-s", "info"], "");
  const problem = problemIn(status.status, status.stdout, status.stderr);
  if (problem !== undefined) {
    report({ problem });
    return;
  }
  const removed = await removeStaleAnchors(run, settings.parent, settings.pid, isAlive);
  report({ ready: removed, warnings: await queueWarnings(settings, run) });
  await serve(settings, host, stateTableLookup(run));
}

/**
 * pfctl knows only the queues that its own text defines, and an anchor's text may define none; the ioctl
 * of ftp-proxy(8) knows the kernel's. Source: corpus pfctl-more, `queue q1 is not defined`.
 */
async function queueWarnings({ pid, parent, rules }: HelperSettings, run: PfctlRunner): Promise<readonly string[]> {
  if (rules.queue === undefined) return [];
  const tried = await run(["-n", "-a", `${parent}/${pid}.0`, "-f", "-"], renderRuleset(sample, rules));
  if (tried.status === 0) return [];
  const why = tried.stderr.trim().split("\n")[0];
  return [`pfctl refuses the queue ${rules.queue} in an anchor (${why}): sessions will end when they negotiate`];
}

/** Never loaded: pfctl -n only reads it. */
const sample: DataPath = {
  mode: "passive",
  client: "192.0.2.1",
  original: "198.51.100.1",
  server: "198.51.100.1",
  proxy: "203.0.113.1",
  port: 50_000,
  proxyPort: 50_001,
  fromPort20: false,
};

function problemIn(status: number, stdout: string, stderr: string): string | undefined {
  // Source: ftp-proxy.c 1.41, init_filter.
  if (status !== 0) return `open /dev/pf: ${stderr.trim().replace(/^pfctl: (\/dev\/pf: )?/, "")}`;
  return /^Status: Disabled/m.test(stdout) ? "pf is disabled" : undefined;
}

async function serve(
  settings: HelperSettings,
  host: NodeHost,
  lookup: ReturnType<typeof stateTableLookup>,
): Promise<void> {
  const { pid, parent, rules, pfctl, oneByOne } = settings;
  // Only root can look into it: mkdtemp makes it 0700.
  const directory = mkdtempSync(join(tmpdir(), "ftp-proxy."));
  const packetFilter = oneByOne
    ? new PfctlPacketFilter(host, pfctl)
    : new CoalescingPacketFilter(host, { parent, directory, pfctl });
  const write = (bytes: Uint8Array) => {
    process.stdout.write(bytes);
  };
  await new Promise<void>((resolve) => {
    const helper = new Helper({
      packetFilter,
      pid,
      parent,
      rules,
      write,
      lookup,
      giveUp: () => process.stdin.destroy(),
    });
    process.stdout.on("error", () => {});
    process.stdin.on("data", (bytes: Buffer) => helper.take(bytes));
    process.stdin.on("error", () => {});
    process.stdin.on("close", () => void helper.end().then(() => resolve()));
  });
  rmSync(directory, { recursive: true, force: true });
}

function report(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** EPERM: it lives and is another user's. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { readonly code?: string }).code === "EPERM";
  }
}
