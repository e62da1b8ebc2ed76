/**
 * All checks against one agent, one after the other on one line to it, and at last its end. During each, the frames on
 * the line are checked against the rules for every line.
 *
 * @example
 * for await (const { title, result } of runChecks(() => startAgent("perl", ["agent.pl"]))) …
 */

import { AgentHost } from "../runner/agent-host.ts";
import type { BytePipe } from "../runner/pipe.ts";
import { audited, LineAudit } from "./audit.ts";
import { Broken, type Check, Untried, until } from "./check.ts";
import { connectionChecks } from "./connections.ts";
import { listenerChecks } from "./listeners.ts";
import { programChecks } from "./programs.ts";

export interface CheckResult {
  readonly title: string;
  readonly result: "passed" | "failed" | "not-tried";
  /** Why it failed, or was not tried. */
  readonly detail?: string;
}

/** More than the longest wait inside a check. */
const LIMIT_MS = 20_000;

export const checks: readonly Check[] = [...connectionChecks, ...listenerChecks, ...programChecks];
const ABILITIES = {
  urgent: ["canUrgent", "cannot send and receive urgent data"],
  transparent: ["canTransparent", "has no transparent listeners"],
  groups: ["canKillGroups", "does not kill process groups"],
} as const;

/** Rejects with ProtocolError when no agent answers. */
export async function* runChecks(start: () => BytePipe, these: readonly Check[] = checks): AsyncGenerator<CheckResult> {
  const audit = new LineAudit();
  const greet = (pipe: BytePipe) => AgentHost.greet(pipe, { name: "this host", random: { below: () => 0 } });
  const host = await greet(audited(start(), audit));
  yield { title: "the agent greets in version 1 and names its host", ...graded(audit.take()) };
  let lost: readonly string[] | undefined;
  try {
    for (const check of these) yield { title: check.title, ...(await outcome(check, host, audit)) };
    if (host.gone !== undefined) lost = [`the agent is gone: ${host.gone}`];
  } finally {
    await host.leave();
  }
  yield { title: ENDING, ...graded(lost ?? (await complaintsOf(checkEnding(() => greet(start()))))) };
}

type Outcome = Omit<CheckResult, "title">;

async function outcome({ needs, run }: Check, host: AgentHost, audit: LineAudit): Promise<Outcome> {
  if (host.gone !== undefined) return { result: "not-tried", detail: "the agent is gone" };
  if (needs !== undefined) {
    const [ability, without] = ABILITIES[needs];
    if (!host[ability]) return { result: "not-tried", detail: `by its HELLO, the agent ${without}` };
  }
  const complaints: string[] = [];
  let untried: Untried | undefined;
  try {
    await limited(host, run(host));
  } catch (error) {
    if (error instanceof Untried) untried = error;
    else complaints.push(said(error));
  }
  complaints.push(...(await complaintsOf(limited(host, host.sweep()))));
  // Faults on the line come first: they cause the others.
  const all = [...audit.take(), ...complaints];
  return untried !== undefined && all.length === 0 ? { result: "not-tried", detail: untried.message } : graded(all);
}

const graded = (complaints: readonly string[]): Outcome =>
  complaints.length === 0 ? { result: "passed" } : { result: "failed", detail: [...new Set(complaints)].join("\n") };

const complaintsOf = (promise: Promise<unknown>): Promise<string[]> =>
  promise.then(
    () => [],
    (error) => [said(error)],
  );

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function limited<T>(host: AgentHost, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = host.clock.after(LIMIT_MS, () => reject(new Broken(`not ended within ${LIMIT_MS / 1000} s`)));
    promise.finally(() => timer.cancel()).then(resolve, reject);
  });
}

export const ENDING = "when its input ends, the agent ends, and so does everything that it has started";

/** Through ssh, on a slow machine. */
const END_PATIENCE_MS = 10_000;

/** Whether a process is there. A zombie is not. */
const IS_THERE = `kill -0 "$1" 2>/dev/null || exit 1
case $(ps -o stat= -p "$1" 2>/dev/null) in Z*) exit 1 ;; esac`;

/** `greet` starts an agent on the host. Rejects when the promise is not kept, or no second agent answers. */
async function checkEnding(greet: () => Promise<AgentHost>): Promise<void> {
  const host = await greet();
  let said = "";
  const child = await host.spawn("sh", ["-c", "sleep 300 & echo $$ $!; wait"]);
  child.onOutput((_, bytes) => {
    said += new TextDecoder().decode(bytes);
  });
  await until(host, "the program's output", () => said.endsWith("\n"));
  const [own = "", itsChild = ""] = said.trim().split(" ");
  if (!(await host.leave(END_PATIENCE_MS)))
    throw new Broken(`it has not ended ${END_PATIENCE_MS / 1000} s after its input`);
  const started = [
    { what: "the program", pid: own },
    ...(host.canKillGroups ? [{ what: "the program's child", pid: itsChild }] : []),
  ];
  const after = await greet();
  try {
    const end = after.clock.now() + END_PATIENCE_MS;
    for (const { what, pid } of started) {
      while ((await after.run("sh", ["-c", IS_THERE, "sh", pid])).status === 0) {
        if (after.clock.now() > end) throw new Broken(`${what} goes on: process ${pid}`);
      }
    }
  } finally {
    await after.leave();
  }
}
