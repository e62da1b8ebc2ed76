/**
 * Is this rule set fit for ftp-proxy? Every check asks the same analysis; what they find is sorted by line, and said
 * once.
 *
 * @example
 * lint("block\npass out\n", {}).findings.map(({ check }) => check) // ["anchor-missing", "divert-missing"]
 */

import { ERA_NAMES } from "../../pf/language/eras.ts";
import { releaseInWords, releaseOf } from "../../pf/language/releases.ts";
import { macrosOf, wordsOf } from "../../pf/text/statements.ts";
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
import { corrected, keepsPromise } from "./corrected.ts";
import { type Check, type Correction, type Finding, statementAt } from "./finding.ts";
import { machineInWords } from "./machine.ts";

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
  const linted = findings(text, options);
  const { machine, release, reverse, port } = linted.analysis;
  const settled = { ...options, machine, release, reverse, port };
  const judge = (other: string) => findings(other, settled);
  // What cannot be kept is not promised: such a finding stays, without lines.
  const kept = linted.findings.map((finding) =>
    finding.correction.lines.length === 0 || keepsPromise(linted, finding, judge)
      ? finding
      : { ...finding, correction: { lines: [], place: "instead of" as const, at: finding.line } },
  );
  return { ...linted, findings: kept };
}

/** The text with every correction made that mends an error, one after the other. */
export function fixed(text: string, options: LintOptions): string {
  let result = text;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { findings: found, analysis } = lint(result, options);
    const next = found.find((one) => one.remark !== true && one.correction.lines.length > 0);
    if (next === undefined) break;
    result = corrected(analysis, next.correction);
  }
  return result;
}

const MOST_ROUNDS = 50;

/** Is the rule set fit for ftp-proxy, apart from remarks? */
export const isFit = ({ findings: found }: Linted): boolean => found.every(({ remark }) => remark === true);

/** Statements that cannot decide about an FTP session. */
const APART = /^(?:set|altq|queue|scrub|scrub-anchor|dummynet-anchor|dummynet|ether|load|table)$/;

function touchesFtp(analysis: Analysis, { line }: Finding): boolean {
  const statement = statementAt(analysis, line);
  if (statement === undefined) return true;
  if (APART.test(statement.keyword)) return false;
  const words = wordsOf(statement, macrosOf(analysis.statements));
  if (
    words.some((word) => /^(?:udp|icmp|icmp6|ipv6-icmp|esp|ah|gre|carp|igmp)$/.test(word)) &&
    !words.includes("tcp")
  ) {
    return false;
  }
  return true;
}

/** Findings that hang on which interface is inside, and which outside. */
const HANGS_ON_MACHINE =
  /^(?:divert-misses|divert-overridden|divert-shadowed|proxy-out|reverse|anchor-after|anchor-restricted|tagged)/;

function onGuess(analysis: Analysis, finding: Finding): Finding {
  const { machine } = analysis;
  if (!machine.guessed || finding.remark === true || !HANGS_ON_MACHINE.test(finding.check)) return finding;
  const guess = machineInWords(machine);
  return machine.thin ? { ...finding, guess, remark: true } : { ...finding, guess };
}

function findings(text: string, options: LintOptions): Linted {
  const analysis = analyse(text, options);
  const complaints = understood(analysis);
  const errors = complaints.filter((one) => one.remark !== true && touchesFtp(analysis, one));
  // What a refused line was meant to do, the session misses: that is no finding of its own.
  const missed = errors.length > 0 ? /^(?:divert|proxy-out|reverse|tagged|rdr|nat)/ : undefined;
  const found = CHECKS.flatMap((check) => check(analysis)).filter(({ check }) => !missed?.test(check));
  const once = new Map<string, Finding>();
  for (const finding of [...complaints, ...found]) {
    const { check, line, message, correction } = finding;
    const key = [check, line, ...(correction.lines.length > 0 ? correction.lines : [message])].join("\n");
    if (!once.has(key)) once.set(key, onGuess(analysis, finding));
  }
  return { findings: [...once.values()].sort((a, b) => a.line - b.line), analysis };
}

export function lintReport(file: string, { findings, analysis }: Linted): string {
  const { era, reverse, tag, machine, release, releaseGuessed } = analysis;
  const language = releaseGuessed && releaseOf({ era }).name === release ? ERA_NAMES[era] : releaseInWords(release);
  const asked = `${language}; ftp-proxy${reverse ? " -R" : ""}${tag === undefined ? "" : ` -T ${tag}`}; ${machineInWords(machine)}`;
  if (findings.length === 0) return `${file}: fit for ftp-proxy (${asked})\n`;
  const parts = findings.map(
    ({ check, line, message, why, correction, remark, guess }) =>
      `${file}:${line}: ${remark === true ? "remark: " : ""}${message} [${check}]\n${wrapped(why)}${
        guess === undefined ? "" : `    This hangs on a guess: ${guess}.\n`
      }${correctionText(correction)}`,
  );
  const errors = findings.filter(({ remark }) => remark !== true).length;
  const remarks = findings.length - errors;
  const count = [
    errors === 0 ? "fit for ftp-proxy" : errors === 1 ? "1 finding" : `${errors} findings`,
    ...(remarks === 0 ? [] : [remarks === 1 ? "1 remark" : `${remarks} remarks`]),
  ].join(", ");
  return `${parts.join("\n")}\n${file}: ${count} (${asked})\n`;
}

export const lintJson = (file: string, { findings, analysis }: Linted): object => ({
  file,
  era: analysis.era,
  mode: analysis.reverse ? "reverse" : "forward",
  release: analysis.release,
  families: analysis.families,
  machine: {
    inside: analysis.machine.inside,
    outside: analysis.machine.outside,
    guessed: analysis.machine.guessed,
  },
  fit: isFit({ findings, analysis }),
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
