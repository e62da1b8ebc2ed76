/**
 * A text with a correction made, and whether the correction keeps its promise: with it the finding is gone, pfctl takes
 * the text as before, and no trial session gets less far.
 *
 * @example
 * corrected("block\npass out\n", analysis, { lines: ['anchor "ftp-proxy/*"'], place: "before", at: 1 })
 */

import type { Analysis } from "./analysis.ts";
import { type Correction, type Finding, statementAt } from "./finding.ts";

/** A statement over several lines is replaced or moved as a whole. */
export function corrected(analysis: Pick<Analysis, "statements" | "text">, correction: Correction): string {
  const { lines, place, at, moved } = correction;
  if (lines.length === 0) return analysis.text;
  const lastLineOf = (line: number) => statementAt(analysis, line)?.lastLine ?? line;
  const all: (string | undefined)[] = analysis.text.split("\n");
  const remove = (first: number) => {
    for (let line = first; line <= lastLineOf(first); line++) all[line - 1] = undefined;
  };
  if (moved !== undefined) remove(moved);
  const target = place === "after" ? lastLineOf(at) : at - 1;
  if (place === "instead of") remove(at);
  return [...all.slice(0, target), ...lines, ...all.slice(target)].filter((line) => line !== undefined).join("\n");
}

export interface Judged {
  readonly analysis: Analysis;
  readonly findings: readonly Finding[];
}

/** @param judge lints a text on the same machine. */
export function keepsPromise(before: Judged, finding: Finding, judge: (text: string) => Judged): boolean {
  const after = judge(corrected(before.analysis, finding.correction));
  const alike = ({ findings }: Judged) =>
    findings.filter(({ check, message }) => check === finding.check && message === finding.message).length;
  const refusals = ({ analysis }: Judged) => analysis.errors.length + (analysis.parsed.accepted ? 0 : 1);
  const isNoWorse = before.analysis.sessions.every(({ endpoints, ok }) => {
    const now = after.analysis.sessions.find((one) => one.endpoints.family === endpoints.family);
    return now !== undefined && now.ok >= ok;
  });
  return alike(after) < alike(before) && refusals(after) <= refusals(before) && isNoWorse;
}
