/**
 * The words that every report uses of a play: its grade (a word and a shape each, so that no report needs colour), why
 * it failed, the packet that was dropped and the rule that dropped it, the time.
 *
 *     playInWords(play) // "failed: no answer … · dropped by pf.conf:4: block drop log all"
 */
import type { Grade, PlayResult, TimelineEvent } from "./model.ts";
import { visible } from "./text.ts";

export interface GradeStyle {
  readonly grade: Grade;
  readonly word: string;
  /** One character cell. */
  readonly shape: string;
  readonly meaning: string;
}

/** In the order of legends and counts. */
export const gradeStyles: readonly GradeStyle[] = [
  { grade: "passed", word: "passed", shape: "●", meaning: "everything held and the end was the expected one" },
  { grade: "failed", word: "failed", shape: "✕", meaning: "something was not as it should be" },
  { grade: "unsupported", word: "unsupported", shape: "◇", meaning: "lab, subject or player cannot do what it needs" },
  { grade: "does-not-apply", word: "does not apply", shape: "–", meaning: "the combination has no meaning" },
  { grade: "not-run", word: "not run", shape: "○", meaning: "chosen, but not played" },
];

const byGrade = new Map(gradeStyles.map((style) => [style.grade, style]));

export function gradeStyle(grade: Grade): GradeStyle {
  const style = byGrade.get(grade);
  if (style === undefined)
    throw new RangeError(`a play has the grade ${JSON.stringify(grade)}, which is not one of the five`);
  return style;
}

export type GradeCounts = Readonly<Record<Grade, number>>;

export function countGrades(plays: Iterable<Pick<PlayResult, "grade">>): GradeCounts {
  const counts: Record<Grade, number> = { passed: 0, failed: 0, unsupported: 0, "does-not-apply": 0, "not-run": 0 };
  for (const play of plays) counts[play.grade] += 1;
  return counts;
}

/** The grades that occur, in the order of legends. */
export function gradesIn(counts: GradeCounts): (GradeStyle & { readonly count: number })[] {
  return gradeStyles.flatMap((style) => (counts[style.grade] > 0 ? [{ ...style, count: counts[style.grade] }] : []));
}

/** `35 passed, 1 failed`: the grades that occur; of no plays at all `no plays`. */
export function countsInWords(counts: GradeCounts): string {
  const parts = gradesIn(counts).map(({ count, word }) => `${count} ${word}`);
  return parts.length > 0 ? parts.join(", ") : "no plays";
}

export type Drop = Extract<TimelineEvent, { kind: "drop" }>;

/** Every packet the firewall did not let through, in order. */
export function dropsOf(play: Pick<PlayResult, "timeline">): Drop[] {
  return play.timeline.filter((event) => event.kind === "drop");
}

/** The drop that most likely decided a failed play: the first of the players' own. The intruder's packets should be dropped. */
export function decisiveDrop(play: Pick<PlayResult, "grade" | "timeline">): Drop | undefined {
  return play.grade === "failed" ? dropsOf(play).find((drop) => drop.from !== "intruder") : undefined;
}

const STUCK = new Set(["ttl", "scope", "no-route", "no-neighbour", "too-big"]);

/** It passed the rules, and went no further. */
export const gotStuck = ({ reason, why }: Drop): boolean => STUCK.has(reason) && why !== undefined;

/**
 * `pf.conf:4: block drop log all`; with what pf counted when the rule did more than match, or no rule was the cause.
 * Of a packet that got stuck: where, and the rule that routed it there.
 */
export function dropCause(drop: Drop): string {
  const { rule, reason, why } = drop;
  const named = rule === undefined ? undefined : `${rule.path}:${rule.line}: ${rule.text}`;
  if (gotStuck(drop)) return visible(`${why}${named === undefined ? "" : `, where it is routed by ${named}`}`);
  const counted = reason === "match" ? "" : ` (${reason})`;
  return visible(
    `${named === undefined ? `no rule (${reason})` : named + counted}${why === undefined ? "" : `; ${why}`}`,
  );
}

/** `dropped on em0 in by pf.conf:4: block drop log all`, `lost on em0 out: no route to 198.51.100.254`. */
export function dropInWords(drop: Drop): string {
  const where = visible(`on ${drop.interface} ${drop.direction}`);
  return gotStuck(drop) ? `lost ${where}: ${dropCause(drop)}` : `dropped ${where} by ${dropCause(drop)}`;
}

type Connection = Extract<TimelineEvent, { kind: "connection" }>;

/** `the proxy hangs up`, `data refused by the firewall`: the event, and who made it where that is known. */
export function connectionInWords({ channel, event, by }: Connection): string {
  const party = by === undefined ? "" : ` by the ${by}`;
  switch (event) {
    case "opened":
    case "closed":
      return `${channel} ${event}`;
    case "reset":
    case "refused":
      return `${channel} ${event}${party}`;
    case "no-answer":
      return `${channel} got no answer`;
    case "half-closed":
      return channel === "control" && by !== undefined ? `the ${by} hangs up` : `${channel} half closed${party}`;
  }
}

/** `not rewritten: nothing was pending: … (with --match-replies it is)`; empty where there is nothing to explain. */
export function lineReason({ why, cure }: Extract<TimelineEvent, { kind: "line" }>): string {
  if (why === undefined) return "";
  return `not rewritten: ${why}${cure === undefined ? "" : ` (anchorage-ftp-proxy ${cure} rewrites it)`}`;
}

/** syslog(3): LOG_WARNING and above. Such lines are shown without being asked for. */
export const isWarning = ({ level }: Extract<TimelineEvent, { kind: "log" }>): boolean => level <= 4;

/** Grade and, unless it passed, why. */
export function playInWords(play: Pick<PlayResult, "grade" | "outcome" | "reason" | "timeline">): string {
  const { word } = gradeStyle(play.grade);
  if (play.grade === "passed") return `${word}: ${visible(play.outcome)}`;
  const drop = decisiveDrop(play);
  const why = visible(play.reason ?? play.outcome);
  return `${word}: ${why}${drop === undefined ? "" : ` · ${gotStuck(drop) ? "lost, since" : "dropped by"} ${dropCause(drop)}`}`;
}

/**
 * Virtual time: seconds with milliseconds, then minutes, then hours.
 *
 *     timeText(75_030) // "1:15.030"
 */
export function timeText(atMs: number): string {
  const whole = Math.round(atMs);
  const [ms, s, m, h] = [
    whole % 1000,
    Math.floor(whole / 1000) % 60,
    Math.floor(whole / 60_000) % 60,
    Math.floor(whole / 3_600_000),
  ];
  const two = (value: number): string => String(value).padStart(2, "0");
  const rest = `.${String(ms).padStart(3, "0")}`;
  if (h > 0) return `${h}:${two(m)}:${two(s)}${rest}`;
  return m > 0 ? `${m}:${two(s)}${rest}` : `${s}${rest}`;
}
