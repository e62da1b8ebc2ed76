/**
 * All checks against one agent, one after the other on one line to it.
 *
 * @example
 * for await (const { title, result } of runChecks(() => startAgent("perl", ["agent.pl"]))) …
 */

import { AgentHost } from "../agent-host.ts";
import type { BytePipe } from "../pipe.ts";
import type { Check } from "./check.ts";
import { connectionChecks } from "./connections.ts";
import { programChecks } from "./programs.ts";

export interface CheckResult {
  readonly title: string;
  readonly result: "passed" | "failed" | "does-not-apply";
  /** Why it failed. */
  readonly detail?: string;
}

/** More than the longest wait inside a check. */
const LIMIT_MS = 20_000;

export const checks: readonly Check[] = [...connectionChecks, ...programChecks];

/** Rejects with ProtocolError when no agent answers. */
export async function* runChecks(start: () => BytePipe): AsyncGenerator<CheckResult> {
  const host = await AgentHost.greet(start(), { name: "agent", random: { below: () => 0 } });
  yield { title: "the agent greets in version 1 and tells its host", result: "passed" };
  try {
    for (const check of checks) yield await outcome(check, host);
  } finally {
    await host.leave();
  }
}

async function outcome(check: Check, host: AgentHost): Promise<CheckResult> {
  const { title, needs } = check;
  const { canUrgent: urgent, canTransparent: transparent, canKillGroups: groups } = host;
  if (needs !== undefined && !{ urgent, transparent, groups }[needs]) return { title, result: "does-not-apply" };
  try {
    await limited(host, check.run(host));
    await limited(host, host.sweep());
    return { title, result: "passed" };
  } catch (error) {
    return { title, result: "failed", detail: error instanceof Error ? error.message : String(error) };
  }
}

function limited<T>(host: AgentHost, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = host.clock.after(LIMIT_MS, () => reject(new Error(`no end within ${LIMIT_MS / 1000} s`)));
    promise.finally(() => timer.cancel()).then(resolve, reject);
  });
}
