/**
 * Failed plays by their causes, so that one fault is told once. A play has several findings; it goes to the group whose
 * cause most of the failed plays share.
 *
 * @example
 * failureGroups(run.plays) // [{ cause: "Nothing stays open after the session", plays: [ …123 ] }]
 */

import type { Finding, PlayResult } from "./model.ts";

export interface FailureGroup {
  readonly cause: string;
  /** The most telling first. */
  readonly plays: readonly PlayResult[];
}

/** Largest group first. */
export function failureGroups(plays: readonly PlayResult[]): FailureGroup[] {
  const left = new Map(plays.filter(({ grade }) => grade === "failed").map((play) => [play, causesOf(play)] as const));
  const groups: FailureGroup[] = [];
  while (left.size > 0) {
    const cause = commonest([...left.values()]);
    const members = [...left].filter(([, causes]) => causes.has(cause)).map(([play]) => play);
    for (const play of members) left.delete(play);
    groups.push({ cause, plays: members.sort(byTelling) });
  }
  return groups;
}

/** A quirk of high priority tells more than a corner case, so do one that should work, one finding, the plain cell. */
const byTelling = (a: PlayResult, b: PlayResult): number =>
  a.scenario.priority - b.scenario.priority ||
  Number(a.expected !== "works") - Number(b.expected !== "works") ||
  a.findings.length - b.findings.length ||
  Number(a.family === "inet6") - Number(b.family === "inet6") ||
  Number(a.side === "reverse") - Number(b.side === "reverse");

/** What to show of a play: a line or a rule with some other words says more than what came of it. */
export const tellingFinding = ({ findings }: Pick<PlayResult, "findings">): Finding | undefined =>
  findings.find(({ kind, expected = "", actual = "" }) => kind === "letter" && areAlike(expected, actual)) ??
  findings[0];

/** At least half of the words are the same, so that the others are worth marking. */
export function areAlike(expected: string, actual: string): boolean {
  const [wanted, got] = [expected, actual].map((text) => text.split(/\s+/).filter((word) => word !== "")) as [
    string[],
    string[],
  ];
  return 2 * wanted.filter((word) => got.includes(word)).length >= Math.max(wanted.length, got.length, 1);
}

function causesOf({ findings, reason, outcome }: PlayResult): ReadonlySet<string> {
  const causes = findings.map(causeOf);
  return new Set(causes.length > 0 ? causes : [withoutDetails(reason ?? outcome)]);
}

const causeOf = ({ message }: Finding): string => withoutDetails(message);

/** The words before the first colon, without addresses and numbers, which differ from play to play. */
const withoutDetails = (message: string): string =>
  (message.split(/:\s/)[0] ?? message).replace(/[\da-f]*(?:[.:,]+[\da-f]+){2,}|\d+/gi, "…");

/** The cause of most plays; among equals the one that was found first. */
function commonest(all: readonly ReadonlySet<string>[]): string {
  const counts = new Map<string, number>();
  for (const causes of all) for (const cause of causes) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}
