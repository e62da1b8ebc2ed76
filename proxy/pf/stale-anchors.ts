/**
 * Finds the anchors that a dead predecessor left: `ftp-proxy/PID.ID` whose PID is nobody's any more.
 * Anchors of a living process are left alone, also when it is another program by now.
 *
 * @example
 * await removeStaleAnchors(run, "ftp-proxy", 4711, isAlive); // ["ftp-proxy/4222.1"]
 */

import { outcomeOf } from "./pfctl.ts";
import type { PfctlRunner } from "./pfctl-runner.ts";

/** Names as `pfctl -a PARENT -sA` lists them. Source: capture many_sessions_order. */
export function staleAnchors(
  listing: string,
  parent: string,
  ownPid: number,
  isAlive: (pid: number) => boolean,
): readonly string[] {
  return listing
    .split("\n")
    .map((line) => line.trim())
    .filter((name) => {
      const pid = name.startsWith(`${parent}/`) ? /^(\d+)\.\d+$/.exec(name.slice(parent.length + 1))?.[1] : undefined;
      // Our own pid cannot have been in use before: what it holds is a namesake's.
      return pid !== undefined && (Number(pid) === ownPid || !isAlive(Number(pid)));
    });
}

/** The anchors that were emptied. */
export async function removeStaleAnchors(
  run: PfctlRunner,
  parent: string,
  ownPid: number,
  isAlive: (pid: number) => boolean,
): Promise<readonly string[]> {
  const listing = await run(["-a", parent, "-sA"], "");
  const removed: string[] = [];
  for (const anchor of staleAnchors(listing.stdout, parent, ownPid, isAlive)) {
    if (outcomeOf(await run(["-o", "none", "-a", anchor, "-f", "-"], "")).ok) removed.push(anchor);
  }
  return removed;
}
