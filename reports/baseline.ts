/**
 * Two runs compared, play by play: newly failing, newly passing, changed, gone and new plays, and other answers to "did
 * FTP work?". A regression is a play that
 * newly fails (a new play too), or that passed before and is now unsupported or not run. Two runs in different labs or
 * with different subjects can be compared: `apartFrom` names the parts of the id that are left out.
 *
 *     const comparison = compareRuns(baseline, run);
 *     process.exitCode = comparison.regressed ? 1 : 0;
 */

import { groupBy } from "./compatibility.ts";
import type { Grade, PlayResult, RunResult } from "./model.ts";
import { answerOf, serviceInWords } from "./service.ts";
import { visible } from "./text.ts";
import { gradeStyle, playInWords } from "./wording.ts";

export interface Change {
  readonly id: string;
  readonly before?: PlayResult;
  readonly after?: PlayResult;
  /** Of a play that only one run has: what the other lacks as a whole, `subject none`. */
  readonly whole?: string;
}

export interface Comparison {
  /** Fails now, and did not; a new play that fails is here too. */
  readonly newlyFailing: readonly Change[];
  /** Passed, and is now unsupported or not run. */
  readonly noLongerPlayed: readonly Change[];
  readonly newlyPassing: readonly Change[];
  /** Another answer to "did FTP work?", and none of the above. */
  readonly otherService: readonly Change[];
  /** Another outcome, or another grade that is none of the above. */
  readonly changed: readonly Change[];
  readonly gone: readonly Change[];
  /** New, and not failing. */
  readonly added: readonly Change[];
  readonly unchanged: number;
  readonly regressed: boolean;
}

export type ChangeKind = Exclude<keyof Comparison, "unchanged" | "regressed">;

/** Parts of a play's id that a comparison may leave out. */
export const IGNORABLE = ["subject", "lab", "era"] as const;
export type Ignorable = (typeof IGNORABLE)[number];

export function compareRuns(before: RunResult, after: RunResult, apartFrom: readonly Ignorable[] = []): Comparison {
  const old = byName(before, apartFrom);
  const now = byName(after, apartFrom);
  const groups: Record<ChangeKind, Change[]> = {
    newlyFailing: [],
    noLongerPlayed: [],
    newlyPassing: [],
    otherService: [],
    changed: [],
    gone: [],
    added: [],
  };
  const wholeOf = wholeIn(before, after);
  let unchanged = 0;
  for (const id of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [was, is] = [old.get(id), now.get(id)];
    const group = groupOf(was, is);
    if (group === undefined) unchanged += 1;
    else {
      const whole = was === undefined || is === undefined ? wholeOf(was ?? is) : undefined;
      groups[group].push({ id, ...(was && { before: was }), ...(is && { after: is }), ...(whole && { whole }) });
    }
  }
  return { ...groups, unchanged, regressed: groups.newlyFailing.length + groups.noLongerPlayed.length > 0 };
}

/** Only the plays of `after`, which may be a part of the catalogue. */
export function compareWith(baseline: RunResult, after: RunResult): Comparison {
  const ids = new Set(after.plays.map(({ id }) => id));
  return compareRuns({ ...baseline, plays: baseline.plays.filter(({ id }) => ids.has(id)) }, after);
}

const PARTS = ["subject", "lab", "era", "family", "side"] as const;

/** The part of a play that one of the two runs has in no play: the play is absent because of it. */
function wholeIn(before: RunResult, after: RunResult): (play: PlayResult | undefined) => string | undefined {
  const values = (run: RunResult, part: (typeof PARTS)[number]) => new Set<string>(run.plays.map((play) => play[part]));
  const known = PARTS.map((part) => ({ part, in: [values(before, part), values(after, part)] }));
  return (play) => {
    const found = known.find(({ part, in: runs }) => play !== undefined && runs.some((run) => !run.has(play[part])));
    return found === undefined || play === undefined ? undefined : `${found.part} ${play[found.part]}`;
  };
}

function byName({ plays }: RunResult, apartFrom: readonly Ignorable[]): Map<string, PlayResult> {
  if (apartFrom.length === 0) return new Map(plays.map((play) => [play.id, play]));
  const parts = IGNORABLE.filter((part) => !apartFrom.includes(part));
  return new Map(
    plays.map((play) => {
      const where = [...parts.map((part) => play[part]), play.family, play.side];
      return [`${play.scenario.id}@${where.join(",")}`, play];
    }),
  );
}

function groupOf(was: PlayResult | undefined, is: PlayResult | undefined): ChangeKind | undefined {
  if (is === undefined) return "gone";
  if (is.grade === "failed" && was?.grade !== "failed") return "newlyFailing";
  if (was === undefined) return "added";
  const silent: readonly Grade[] = ["unsupported", "not-run"];
  if (was.grade === "passed" && silent.includes(is.grade)) return "noLongerPlayed";
  if (is.grade === "passed" && was.grade !== "passed") return "newlyPassing";
  if (hasOtherService(was, is)) return "otherService";
  return was.grade === is.grade && was.outcome === is.outcome ? undefined : "changed";
}

/** A file of an earlier version has no service. */
const hasOtherService = (was: PlayResult, is: PlayResult): boolean =>
  [was, is].every(({ grade, service }) => service !== undefined && (grade === "passed" || grade === "failed")) &&
  serviceOf(was) !== serviceOf(is);

function serviceOf(play: PlayResult): string {
  const { kind, harm } = answerOf(play);
  return harm ? `${kind}, harm` : kind;
}

/** Worst first. */
export const changeTitles: Readonly<Record<ChangeKind, string>> = {
  newlyFailing: "newly failing",
  noLongerPlayed: "passed before, not played now",
  newlyPassing: "newly passing",
  otherService: "another service",
  changed: "changed",
  gone: "gone",
  added: "new",
};

/** Plain text, worst first; empty groups are left out. */
export function comparisonText(comparison: Comparison): string {
  const parts = (Object.keys(changeTitles) as ChangeKind[]).flatMap((group) => {
    const changes = comparison[group];
    if (changes.length === 0) return [];
    return [`${changeTitles[group]}: ${changes.length}`, ...groupLines(changes), ""];
  });
  const verdict = comparison.regressed ? "regressed against the baseline" : "no regression against the baseline";
  return `${[...parts, `${comparison.unchanged} unchanged; ${verdict}`].join("\n")}\n`;
}

/** So many changes of a group are named. */
const NAMED = 20;

/** Of changes with one cause the first, and how many are like it. */
function groupLines(changes: readonly Change[]): string[] {
  const groups = alikeChanges(changes);
  const lines = groups.slice(0, NAMED).flatMap(([first, ...alike]) => {
    if (first === undefined) return [];
    if (first.whole !== undefined) return [`  ${wholeText(first, alike.length + 1)}`];
    return [...changeLines(first), ...(alike.length === 0 ? [] : [`    and ${alike.length} more alike`])];
  });
  const more = groups.length - NAMED;
  return more > 0 ? [...lines, `  and ${more} more: --json has all`] : lines;
}

export const alikeChanges = (changes: readonly Change[]): Change[][] => groupBy(changes, causeOf);

/** `subject none: 928 cells absent`. */
export const wholeText = ({ whole = "", after }: Change, count: number): string =>
  visible(`${whole}: ${count === 1 ? "1 cell" : `${count} cells`} ${after === undefined ? "absent" : "new"}`);

/** Alike: absent for one reason, or another end of one kind. */
function causeOf({ id, before, after, whole }: Change): string {
  if (whole !== undefined) return whole;
  if (before === undefined || after === undefined) return id;
  const end = (play: PlayResult): string => `${serviceOf(play)} ${play.outcome.replaceAll(/\d+/g, "N")}`;
  return [before.grade, after.grade, end(before), end(after)].join("\n");
}

function changeLines({ id, before, after }: Change): string[] {
  const gradeOf = (play: PlayResult | undefined): string =>
    play === undefined ? "absent" : gradeStyle(play.grade).word;
  const lines = [`  ${visible(id)}  ${gradeOf(before)} → ${gradeOf(after)}`];
  if (before !== undefined && after !== undefined && hasOtherService(before, after))
    lines.push(`    FTP: ${serviceOf(before)} → ${serviceInWords(after)}`);
  else if (before?.grade === after?.grade) lines.push(`    was ${visible(before?.outcome ?? "")}`);
  if (after !== undefined && (after.grade !== "passed" || before?.grade === "passed")) {
    lines.push(`    ${playInWords(after)}`);
    if (after.grade === "failed") lines.push(`    ${visible(after.repeat)}`);
  }
  return lines;
}
