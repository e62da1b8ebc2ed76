/**
 * The failures of a run, one entry for each cause, of about twenty lines: what the user of the first play got, who broke
 * it, expected and actual with the words that differ marked, the piece of the ladder around it, the command that repeats
 * it, and the other plays' ids. Within `lines`, the first cause is told whole and the last ones in a line each.
 *
 *     process.stdout.write(failureReport(run.plays, { width: 80, colors, lines: 40 }));
 */

import { areAlike, type FailureGroup, failureGroups, tellingFinding } from "../failure-groups.ts";
import type { PlayResult } from "../model.ts";
import { cutText, padText, textWidth, visible, wrapText } from "../text.ts";
import { decisiveDrop, dropInWords, gradeStyle, timeText } from "../wording.ts";
import { terminalLadder } from "./ladder.ts";
import { type Colors, paintGrade, plainColors } from "./output.ts";

export interface FailureReportOptions {
  readonly width?: number;
  readonly colors?: Colors;
  /** At most so many, as far as the first cause allows. Default: all there are. */
  readonly lines?: number;
}

/** Empty when nothing failed. */
export function failureReport(plays: readonly PlayResult[], options: FailureReportOptions = {}): string {
  const { width = 80, colors = plainColors, lines: room = Number.POSITIVE_INFINITY } = options;
  const groups = failureGroups(plays);
  const shown: string[] = [];
  for (const [at, group] of groups.entries()) {
    const lines = [...groupLines(group, width, colors), ""];
    if (at > 0 && shown.length + lines.length + Math.min(groups.length - at - 1, SHORT) > room) {
      shown.push(...shortLines(groups.slice(at), width, colors));
      break;
    }
    shown.push(...lines);
  }
  return shown.map((line) => `${line}\n`).join("");
}

function groupLines({ cause, plays: [first, ...others] }: FailureGroup, width: number, colors: Colors): string[] {
  if (first === undefined) return [];
  const lines = failureLines(first, width, colors, excerptLines(first, width, colors));
  return [...lines, ...alsoLines(cause, others, width, colors)];
}

/** So many causes have a line each, and the others are counted. */
const SHORT = 5;

function shortLines(groups: readonly FailureGroup[], width: number, colors: Colors): string[] {
  const lines = groups.slice(0, SHORT).map(({ cause, plays }) => {
    const alike = plays.length === 1 ? "" : ` and ${plays.length - 1} more`;
    return paintGrade(cutText(visible(`✕ ${plays[0]?.id}${alike}: ${cause}`), width), "failed", colors);
  });
  const left = groups.length - lines.length;
  return [...lines, colors.dim(left > 0 ? `and ${left} more causes; --all shows them` : "--all shows them whole"), ""];
}

/** So many other plays are named. */
const NAMED = 3;

function alsoLines(cause: string, others: readonly PlayResult[], width: number, colors: Colors): string[] {
  if (others.length === 0) return [];
  const more = `and ${others.length} more alike ("${cause}"):`;
  return [
    ...wrapText(visible(more), width - 2).map((line) => `  ${line}`),
    ...others.slice(0, NAMED).map(({ id }) => `    ${visible(id)}`),
    ...(others.length > NAMED ? [`    ${colors.dim(`and ${others.length - NAMED} more`)}`] : []),
  ];
}

const INDENT = 14;
/** Of one entry; results.json has the rest. */
const ENTRY_LINES = 3;

/** `ladder`: its lines, where the whole ladder does not stand above. */
export function failureLines(
  play: PlayResult,
  width: number,
  colors: Colors,
  ladder: readonly string[] = [],
): string[] {
  const entry = (name: string, text: string, mark = (line: string): string => line): string[] =>
    cutLines(wrapText(visible(text), width - INDENT), ENTRY_LINES).map(
      (line, at) => `  ${colors.dim(padText(at === 0 ? name : "", INDENT - 2))}${mark(line)}`,
    );
  const told = tellingFinding(play);
  const reason = told?.message ?? play.reason;
  const others = play.findings.filter((finding) => finding !== told && !isSaid(finding.message, play));
  return [
    paintGrade(`${gradeStyle(play.grade).shape} ${visible(play.id)}`, play.grade, colors),
    ...cutLines(wrapText(visible(play.scenario.title), width - 2), 2).map((line) => `  ${line}`),
    ...serviceEntries(play).flatMap(([name, text]) => entry(name, text)),
    ...(reason === undefined || isSaid(reason, play) ? [] : entry("reason", reason)),
    ...comparison(told?.expected ?? play.expected, told?.actual ?? play.outcome, width, colors),
    ...(others.length === 0
      ? []
      : entry("and", `${others.length} more: ${others.map(({ message }) => message).join("; ")}`)),
    ...play.players.flatMap(({ part, command, output }) => [
      ...(command === undefined ? [] : entry(part, command)),
      ...(output === undefined
        ? []
        : saidLines(output).flatMap((line, at) => entry(at === 0 ? `${part} said` : "", line))),
    ]),
    ...ladder.map((line) => `  ${line}`),
    // Not wrapped, so that it can be copied.
    `  ${colors.dim(padText("repeat", INDENT - 2))}${visible(play.repeat)}`,
  ];
}

/** "Broken by" says it already. */
const isSaid = (reason: string, { service }: PlayResult): boolean =>
  service?.verdict === "fails" && reason === service.reason;

/** The ladder around the place where it broke. */
export function excerptLines(play: PlayResult, width: number, colors: Colors): string[] {
  if (play.timeline.length === 0) return [];
  const lines = terminalLadder(play, { width: width - 2, colors, excerpt: true })
    .trimEnd()
    .split("\n");
  return cutLines(lines, LADDER_LINES);
}

const LADDER_LINES = 14;

/** What the user got, and who broke it; without a service, the packet that most likely decided. */
function serviceEntries(play: PlayResult): [string, string][] {
  const { service } = play;
  const drop = decisiveDrop(play);
  const dropped = (): [string, string][] =>
    drop === undefined ? [] : [["dropped", `${drop.packet} ${dropInWords(drop)}, at ${timeText(drop.atMs)}`]];
  if (service === undefined) return dropped();
  const errands = service.errands.map(
    ({ what, name, verdict }) => `${name === undefined ? what : `${what} ${name}`}: ${verdict}`,
  );
  const got = [service.verdict === "fails" ? (service.notice ?? "it fails") : service.verdict, ...errands].join("; ");
  if (service.verdict !== "fails") return [["user got", got]];
  const by = service.by === undefined ? "" : `${service.by}, at ${service.where ?? "an unknown place"}: `;
  return [
    ["user got", got],
    ["broken by", by + service.reason],
  ];
}

/** The first line that differs, as it should be and as it is. Words that the other text lacks are marked. */
function comparison(expected: string, actual: string, width: number, colors: Colors): string[] {
  const [wanted, got] = [expected, actual].map((text) => text.trimEnd().split("\n")) as [string[], string[]];
  const count = Math.max(wanted.length, got.length);
  const differ = Array.from({ length: count }, (_, at) => at).filter((at) => wanted[at] !== got[at]);
  const at = differ[0] ?? 0;
  const [left = "no such line", right = "no such line"] = [wanted[at], got[at]];
  const alike = areAlike(left, right);
  const entry = (name: string, text: string, other: string) =>
    cutLines(wrapText(visible(text), width - INDENT), ENTRY_LINES).flatMap((line, row) => {
      const head = `  ${colors.dim(padText(row === 0 ? name : "", INDENT - 2))}`;
      return marked(line, alike ? other : undefined, colors).map(
        (part, below) => (below === 0 ? head : " ".repeat(INDENT)) + part,
      );
    });
  const rest = differ.length - 1;
  return [
    ...entry("expected", left, right),
    ...entry("actual", right, left),
    ...(rest > 0
      ? [" ".repeat(INDENT) + colors.dim(`and ${rest} more line${rest === 1 ? " differs" : "s differ"}`)]
      : []),
  ];
}

/** Underlined; where there are no colours, by a line of carets below. */
function marked(line: string, other: string | undefined, colors: Colors): string[] {
  if (other === undefined) return [line];
  const words = new Set(visible(other).split(/\s+/));
  if (colors.isColorSupported)
    return [line.replaceAll(/\S+/g, (word) => (words.has(word) ? word : colors.underline(word)))];
  const carets = line.replaceAll(/\S+/g, (word) =>
    (words.has(word) || word === "…" ? " " : "^").repeat(textWidth(word)),
  );
  return carets.trim() === "" ? [line] : [line, carets.trimEnd()];
}

const cutLines = (lines: readonly string[], limit: number): string[] =>
  lines.length <= limit ? [...lines] : [...lines.slice(0, limit - 1), `${lines[limit - 1]} …`];

/** The end of a program's output; results.json has more. */
const SAID_LINES = 5;
const SAID_WIDTH = 200;

const saidLines = (output: string): string[] =>
  output
    .split(/[\r\n]+/)
    .slice(-SAID_LINES)
    .map((line) => cutText(line, SAID_WIDTH));

/**
 * One play as the message of a test that wanted `expected` of it: what its user got, who broke it, the piece of the
 * ladder around it, the command that repeats it.
 */
export function failureText(play: PlayResult, expected: string, width = 80): string {
  const judged: PlayResult = { ...play, grade: "failed", expected, findings: [] };
  return failureLines(judged, width, plainColors, excerptLines(judged, width, plainColors)).join("\n");
}
