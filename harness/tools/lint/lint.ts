/**
 * Is this rule set fit for ftp-proxy? Every check asks the same analysis; what they find is sorted by line, and said
 * once.
 *
 * @example
 * lint("block\npass out\n", {}).findings.map(({ check }) => check) // ["anchor-missing", "divert-missing"]
 */

import { ERA_NAMES } from "../../pf/language/eras.ts";
import { type Analysis, analyse, type LintOptions } from "./analysis.ts";
import { anchorPresent } from "./checks/anchor-present.ts";
import { anchorReached } from "./checks/anchor-reached.ts";
import { classicAnchors } from "./checks/classic-anchors.ts";
import { classicRedirected } from "./checks/classic-redirected.ts";
import { controlDiverted } from "./checks/control-diverted.ts";
import { proxyOut } from "./checks/proxy-out.ts";
import { reverseIn } from "./checks/reverse-in.ts";
import { skipped } from "./checks/skipped.ts";
import { taggedPassed } from "./checks/tagged-passed.ts";
import { understood } from "./checks/understood.ts";
import type { Check, Correction, Finding } from "./finding.ts";

const CHECKS: readonly Check[] = [
  anchorPresent,
  classicAnchors,
  anchorReached,
  taggedPassed,
  skipped,
  controlDiverted,
  classicRedirected,
  reverseIn,
  proxyOut,
];

export interface Linted {
  readonly findings: readonly Finding[];
  readonly analysis: Analysis;
}

export function lint(text: string, options: LintOptions): Linted {
  const analysis = analyse(text, options);
  const complaints = understood(analysis);
  // What a refused line was meant to do, the session misses: that is no finding of its own.
  const missed = complaints.length > 0 ? /^(?:divert|proxy-out|reverse|tagged|rdr|nat)/ : undefined;
  const found = CHECKS.flatMap((check) => check(analysis)).filter(({ check }) => !missed?.test(check));
  const once = new Map<string, Finding>();
  for (const finding of [...complaints, ...found]) {
    const key = [finding.check, finding.line, ...finding.correction.lines].join("\n");
    if (!once.has(key)) once.set(key, finding);
  }
  return { findings: [...once.values()].sort((a, b) => a.line - b.line), analysis };
}

export function lintReport(file: string, { findings, analysis }: Linted): string {
  const { era, reverse, tag } = analysis;
  const asked = `${ERA_NAMES[era]}; ftp-proxy${reverse ? " -R" : ""}${tag === undefined ? "" : ` -T ${tag}`}`;
  if (findings.length === 0) return `${file}: fit for ftp-proxy (${asked})\n`;
  const parts = findings.map(
    ({ check, line, message, why, correction }) =>
      `${file}:${line}: ${message} [${check}]\n${wrapped(why)}${correctionText(correction)}`,
  );
  const count = findings.length === 1 ? "1 finding" : `${findings.length} findings`;
  return `${parts.join("\n")}\n${file}: ${count} (${asked})\n`;
}

export const lintJson = (file: string, { findings, analysis }: Linted): object => ({
  file,
  era: analysis.era,
  mode: analysis.reverse ? "reverse" : "forward",
  families: analysis.families,
  fit: findings.length === 0,
  findings: findings.map((finding: Finding) => ({ file, ...finding })),
});

export function correctionText({ lines, place, at, moved }: Correction): string {
  if (lines.length === 0) return "";
  const from = moved === undefined ? "" : `, taken from line ${moved}`;
  return `  Write ${place} line ${at}${from}:\n${lines.map((line) => `      ${line}\n`).join("")}`;
}

/** Indented, at most 100 columns wide. */
function wrapped(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > 96) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `    ${one}\n`).join("");
}
