/**
 * The few words a report says of a play where there is no room for all of it: in a cell, in a list of failures,
 * in JUnit. A failed play names the packet that was dropped and the rule that dropped it.
 *
 *     playInWords(play) // "failed: no answer … · dropped by pf.conf:4: block drop log all"
 */
import { gradeStyle } from "./grades.ts";
import type { PlayResult, TimelineEvent } from "./model.ts";
import { visible } from "./visible-text.ts";

export type Drop = Extract<TimelineEvent, { kind: "drop" }>;

/** Every packet the firewall did not let through, in order. */
export function dropsOf(play: Pick<PlayResult, "timeline">): Drop[] {
  return play.timeline.filter((event) => event.kind === "drop");
}

/** The drop that most likely decided a failed play: the first of the players' own. The intruder's are meant to be dropped. */
export function decisiveDrop(play: Pick<PlayResult, "grade" | "timeline">): Drop | undefined {
  return play.grade === "failed" ? dropsOf(play).find((drop) => drop.from !== "intruder") : undefined;
}

/** `pf.conf:4: block drop log all`; with what pf counted when the rule did more than match, or no rule was the cause. */
export function dropCause(drop: Drop): string {
  const { rule, reason } = drop;
  if (rule === undefined) return visible(`no rule (${reason})`);
  return visible(`${rule.path}:${rule.line}: ${rule.text}${reason === "match" ? "" : ` (${reason})`}`);
}

/** Grade and, unless it passed, why. */
export function playInWords(play: Pick<PlayResult, "grade" | "outcome" | "reason" | "timeline">): string {
  const { word } = gradeStyle(play.grade);
  if (play.grade === "passed") return `${word}: ${visible(play.outcome)}`;
  const drop = decisiveDrop(play);
  const why = visible(play.reason ?? play.outcome);
  return `${word}: ${why}${drop === undefined ? "" : ` · dropped by ${dropCause(drop)}`}`;
}
