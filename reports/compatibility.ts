/**
 * The first view of the matrix: quirks × subjects by service, a column for each side. Labs, eras and address families
 * share a row where their answers are the same. A quirk has a row for each of those that differ, named by `variant`.
 *
 *     const { matrix, quirks } = compatibilityOf(run.plays);
 *     matrix.categories[0].rows[0].cells[0].answer // { kind: "works", harm: false, isNew: false }
 */

import { type Column, type ColumnPart, compareWords, type Matrix, type MatrixRow, matrixOf } from "./matrix.ts";
import type { Breaker, PlayResult, ScenarioInfo } from "./model.ts";
import { type Answer, type AnswerKind, answerOf, answerText, worstOf } from "./service.ts";
import { visible } from "./text.ts";

export type Play = Pick<
  PlayResult,
  "id" | "scenario" | ColumnPart | "grade" | "service" | "harm" | "flaky" | "reason" | "findings"
>;

/** Plays with one answer: of one quirk and subject, on one side. */
export interface ServiceCell<P extends Play = Play> extends Column {
  readonly scenario: ScenarioInfo;
  readonly variant?: string;
  readonly answer: Answer;
  readonly plays: readonly P[];
}

export type ServiceRow<P extends Play = Play> = MatrixRow<ServiceCell<P>>;

/** A play with one of these answers, broken by one of these. */
export interface ServiceFilter {
  readonly service?: readonly AnswerKind[];
  readonly by?: readonly Breaker[];
}

export interface QuirkCounts {
  readonly quirks: number;
  /** Every cell that applies was played and is as expected. */
  readonly asExpected: number;
  /** A cell is not as expected. */
  readonly new: number;
}

const settingParts = ["lab", "era", "family"] as const;
type Setting = Readonly<Record<(typeof settingParts)[number], string>>;

export function compatibilityOf<P extends Play>(plays: readonly P[]): Matrix<ServiceCell<P>> {
  const parts = settingParts.map((part) => [part, listed(distinct(plays.map((play) => play[part])))]);
  const everywhere = Object.fromEntries(parts) as Setting;
  return matrixOf(groupBy(plays, (play) => play.scenario.id).flatMap((each) => rowsOf(each, everywhere)));
}

/** The cells of one scenario, with settings of equal answers merged. */
function rowsOf<P extends Play>(plays: readonly P[], everywhere: Setting): ServiceCell<P>[] {
  const classes: { settings: Setting[]; cells: Map<string, P[]> }[] = [];
  const settings = groupBy(plays, (play) => JSON.stringify(settingParts.map((part) => play[part])))
    .sort(([a], [b]) => compareSettings(a!, b!))
    // A setting in which nothing applies fits to any other, so it comes last.
    .sort((a, b) => Number(a.every(isSilent)) - Number(b.every(isSilent)));
  for (const same of settings) {
    let found = classes.find(({ cells }) => same.every((play) => agrees(play, cells.get(columnOf(play)) ?? [])));
    if (found === undefined) {
      found = { settings: [], cells: new Map() };
      classes.push(found);
    }
    if (!same.every(isSilent)) found.settings.push(same[0]!);
    for (const play of same) found.cells.set(columnOf(play), [...(found.cells.get(columnOf(play)) ?? []), play]);
  }
  const all = classes.flatMap((one) => one.settings);
  return classes.flatMap((one) => {
    const variant = classes.length === 1 ? undefined : variantName(one.settings, all);
    return [...one.cells.values()].map((merged): ServiceCell<P> => {
      const shown = merged.find((play) => !isSilent(play)) ?? merged[0]!;
      const { scenario, subject, side } = shown;
      return {
        ...{ scenario, subject, ...everywhere, side },
        ...(variant !== undefined && { variant }),
        answer: answerOf(shown),
        plays: [shown, ...merged.filter((play) => play !== shown)],
      };
    });
  });
}

const columnOf = ({ subject, side }: Play): string => JSON.stringify([subject, side]);
const isSilent = (play: Play): boolean => play.grade === "does-not-apply";

const agrees = (play: Play, others: readonly Play[]): boolean =>
  isSilent(play) ||
  others.every((other) => isSilent(other) || answerText(answerOf(other)) === answerText(answerOf(play)));

function compareSettings(a: Setting, b: Setting): number {
  return settingParts.map((part) => compareWords(a[part], b[part])).find((order) => order !== 0) ?? 0;
}

/** `inet6`; `netns inet, netns inet6`: only the parts in which the scenario's settings differ. */
function variantName(settings: readonly Setting[], all: readonly Setting[]): string {
  const varying = settingParts.filter((part) => new Set(all.map((setting) => setting[part])).size > 1);
  const telling = varying.filter((part) => settings.every((one) => one[part] === settings[0]?.[part]));
  const alone = telling.some((part) => all.every((one) => settings.includes(one) || one[part] !== settings[0]?.[part]));
  if (alone) return telling.map((part) => settings[0]![part]).join(" ");
  return settings.map((setting) => varying.map((part) => setting[part]).join(" ")).join(", ");
}

/** Of every cell, for a legend. */
export const answersIn = ({ categories }: Matrix<ServiceCell>): Answer[] =>
  categories.flatMap(({ rows }) => rows.flatMap(({ cells }) => cells.flatMap((cell) => cell?.answer ?? [])));

/** The play that says why a row is not simply good: what is new, what is flaky, else the incompatibility of the first proxy. */
export function whyOf<P extends Play>(row: ServiceRow<P>): P | undefined {
  const plays = row.cells.flatMap((cell) => (cell === undefined ? [] : [cell.plays[0]!]));
  const fresh = worstOf(plays.filter(({ grade }) => grade === "failed"));
  if (fresh !== undefined) return fresh;
  const flaky = plays.find((play) => play.flaky !== undefined);
  if (flaky !== undefined) return flaky;
  return plays.find(({ subject, service }) => service?.verdict === "fails" && !WITHOUT_PROXY.includes(subject));
}

/** Their failures are seldom a surprise: no sentence for them. */
const WITHOUT_PROXY: readonly string[] = ["none", "conntrack"];

/** `core: the proxy hangs up on the server's 227`: one short sentence, without what follows a semicolon. */
export function whyInWords(row: ServiceRow): string | undefined {
  const play = whyOf(row);
  if (play === undefined) return undefined;
  const { subject, service, reason, grade, findings, flaky } = play;
  if (flaky !== undefined)
    return visible(`${subject}, flaky: passed at attempt ${flaky.attempts}; at first: ${flaky.first}`);
  const isNew = grade === "failed";
  // Broken service explains a failed errand best; a finding of another kind is the play's reason.
  const ofService = findings.every(({ kind }) => kind === "step" || kind === "expectation");
  const told = isNew && !(ofService && service?.verdict === "fails") ? reason : service?.reason;
  const [why = ""] = (told ?? reason ?? "").split("; ");
  return visible(`${subject}${isNew ? ", new" : ""}: ${why}`);
}

/** The quirks of which one play has a wanted answer, with all of their plays. */
export function quirksWith<P extends Play>(plays: readonly P[], { service, by }: ServiceFilter): P[] {
  const fits = (play: P): boolean =>
    (service?.includes(answerOf(play).kind) ?? true) &&
    (by === undefined || (play.service?.by !== undefined && by.includes(play.service.by)));
  const wanted = new Set(plays.filter(fits).map((play) => play.scenario.id));
  return plays.filter((play) => wanted.has(play.scenario.id));
}

export function countQuirks(plays: readonly Play[]): QuirkCounts {
  const quirks = groupBy(plays, (play) => play.scenario.id);
  const every = (allowed: readonly string[]): number =>
    quirks.filter((each) => each.every(({ grade }) => allowed.includes(grade))).length;
  const fresh = quirks.filter((each) => each.some(({ grade }) => grade === "failed")).length;
  return { quirks: quirks.length, asExpected: every(["passed", "does-not-apply"]), new: fresh };
}

/** `40 quirks: 31 as expected in every cell, 9 not played in some, 0 new`. */
export function countsText(plays: readonly Play[]): string {
  const { quirks, asExpected, new: fresh } = countQuirks(plays);
  const left = quirks - asExpected - fresh;
  const unplayed = left > 0 ? `, ${left} not played in some` : "";
  return `${quirks} quirk${quirks === 1 ? "" : "s"}: ${asExpected} as expected in every cell${unplayed}, ${fresh} new`;
}

/** `inet and inet6`; `divert-to, rdr-to and rdr-anchor`. */
const listed = (words: readonly string[]): string => words.join(", ").replace(/, ([^,]*)$/, " and $1");

const distinct = (words: readonly string[]): string[] => [...new Set(words)].sort(compareWords);

export function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
