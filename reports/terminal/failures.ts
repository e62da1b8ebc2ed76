/**
 * The failures of a run, one entry for each cause: the first play that failed for it, with its reason, the expected and
 * actual end, the dropped packet and the rule that dropped it, the command that repeats it, and the other plays' ids.
 *
 *     process.stdout.write(failureReport(run.plays, { width: 80, colors }));
 */

import { failureGroups } from "../failure-groups.ts";
import type { Finding, PlayResult } from "../model.ts";
import { cutText, padText, visible, wrapText } from "../text.ts";
import { decisiveDrop, dropCause, gradeStyle, timeText } from "../wording.ts";
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
      const lines = failureLines(first, width, colors);
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

export function failureLines(play: PlayResult, width: number, colors: Colors): string[] {
  const entry = (name: string, text: string): string[] => {
    const [first = "", ...rest] = wrapText(visible(text), width - 14);
    return [`  ${colors.dim(padText(name, 12))}${first}`, ...rest.map((line) => `${" ".repeat(14)}${line}`)];
  };
  const drop = decisiveDrop(play);
  const head = `${gradeStyle(play.grade).shape} ${visible(play.id)}`;
  return [
    paintGrade(head, play.grade, colors),
    ...wrapText(visible(play.scenario.title), width - 2).map((line) => `  ${line}`),
    ...entry("reason", play.reason ?? play.outcome),
    ...entry("expected", play.expected),
    ...entry("actual", play.outcome),
    ...play.findings.flatMap((finding) => findingEntries(finding).flatMap(([name, text]) => entry(name, text))),
    ...play.players.flatMap(({ part, command, output }) => [
      ...(command === undefined ? [] : entry(part, command)),
      ...(output === undefined
        ? []
        : saidLines(output).flatMap((line, at) => entry(at === 0 ? `${part} said` : "", line))),
    ]),
    ...(drop === undefined
      ? []
      : [
          ...entry("dropped", `${drop.packet} on ${drop.interface} ${drop.direction} at ${timeText(drop.atMs)}`),
          ...entry("by rule", dropCause(drop)),
        ]),
    // Not wrapped, so that it can be copied.
    `  ${colors.dim(padText("repeat", 12))}${visible(play.repeat)}`,
  ];
}

/** The end of a program's output; results.json has more. */
const SAID_LINES = 20;
const SAID_WIDTH = 200;

const saidLines = (output: string): string[] =>
  output
    .split(/[\r\n]+/)
    .slice(-SAID_LINES)
    .map((line) => cutText(line, SAID_WIDTH));

function findingEntries(finding: Finding): [string, string][] {
  const at = finding.atMs === undefined ? "" : ` (at ${timeText(finding.atMs)})`;
  return [
    [finding.kind === "expectation" ? "finding" : finding.kind, finding.message + at],
    ...(finding.expected === undefined ? [] : [["  expected", finding.expected] as [string, string]]),
    ...(finding.actual === undefined ? [] : [["  actual", finding.actual] as [string, string]]),
  ];
}
