/**
 * A reading of an anchor tells what it holds, not since when. Where it is known when rulesets were changed, it is: since
 * the last change before the reading, if that came after the reading before. Pure.
 *
 * @example
 * backdated([{ kind: "anchor", atMs: 40, afterMs: 20, … }], [12, 31, 47]) // [{ kind: "anchor", atMs: 31, … }]
 */

import type { LabEvent } from "../../contract/lab.ts";

/** `commitsMs`: when some anchor changed, in that order. What these do not explain keeps its time. */
export const backdated = (events: readonly LabEvent[], commitsMs: readonly number[]): LabEvent[] =>
  events.map((event) => {
    if (event.kind !== "anchor") return event;
    const { atMs, afterMs = atMs } = event;
    // Of two changes within this time either may be this anchor's: at the latest the second was.
    const since = commitsMs.findLast((commitMs) => commitMs <= atMs);
    return since === undefined || since <= afterMs ? event : { ...event, atMs: since };
  });
