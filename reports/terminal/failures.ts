/**
 * The failures of a run, one entry for each cause, of about twenty lines: what the user of the first play got, who broke
 * it, expected and actual with the words that differ marked, the piece of the ladder around it, the command that repeats
 * it, and the other plays' ids.
 *
 *     process.stdout.write(failureReport(run.plays, { width: 80, colors }));
 */

import { failureGroups } from "../failure-groups.ts";
import type { PlayResult } from "../model.ts";
import { cutText, padText, visible, wrapText } from "../text.ts";
import { decisiveDrop, dropInWords, gradeStyle, timeText } from "../wording.ts";
import { terminalLadder } from "./ladder.ts";
import { type Colors, paintGrade, plainColors } from "./output.ts";

export interface FailureReportOptions {
  readonly width?: number;
  readonly colors?: Colors;
}

/** Empty when nothing failed. */
export function failureReport(plays: readonly PlayResult[], options: FailureReportOptions = {}): string {
  const { width = 80, colors = plainColors } = options;
  return failureGroups(plays)
    .flatMap(({ cause, plays: [first, ...others] }) => {
      if (first === undefined) return [];
      const lines = failureLines(first, width, colors, excerptLines(first, width, colors));
      return [`${[...lines, ...alsoLines(cause, others, width, colors)].join("\n")}\n\n`];
    })
    .join("");
}

/** So many other plays are named. */
const NAMED = 6;

function alsoLines(cause: string, others: readonly PlayResult[], width: number, colors: Colors): string[] {
  if (others.length === 0) return [];
  const count = others.length === 1 ? "1 more play" : `${others.length} more plays`;
  return [
    ...wrapText(visible(`${count} failed for the same cause, "${cause}":`), width - 2).map((line) => `  ${line}`),
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
  const [first, ...others] = play.findings;
  const expected = first?.expected ?? play.expected;
  const actual = first?.actual ?? play.outcome;
  return [
    paintGrade(`${gradeStyle(play.grade).shape} ${visible(play.id)}`, play.grade, colors),
    ...cutLines(wrapText(visible(play.scenario.title), width - 2), 2).map((line) => `  ${line}`),
    ...serviceEntries(play).flatMap(([name, text]) => entry(name, text)),
    ...(play.reason === undefined || isSaid(play.reason, play) ? [] : entry("reason", play.reason)),
    ...entry("expected", expected, differing(actual, colors.underline)),
    ...entry("actual", actual, differing(expected, colors.underline)),
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

const LADDER_LINES = 12;

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

/** Words that the other text lacks are marked. */
const differing = (other: string, mark: (word: string) => string): ((line: string) => string) => {
  const words = new Set(visible(other).split(/\s+/));
  return (line) => line.replaceAll(/\S+/g, (word) => (words.has(word) ? word : mark(word)));
};

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
