/**
 * Is this rule set fit for ftp-proxy? Every check asks the same analysis; what they find is sorted by line, and said
 * once.
 *
 * @example
 * lint("block\npass out\n", {}).findings.map(({ check }) => check) // ["anchor-missing", "divert-missing"]
 */

import { analyse } from "./analyse.ts";
import type { Analysis, Check, LintOptions } from "./analysis.ts";
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
import type { Finding } from "./finding.ts";

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
