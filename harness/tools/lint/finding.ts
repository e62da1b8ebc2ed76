/**
 * What a check returns, and how it quotes and points at lines of the rule set.
 *
 * @example
 * const finding = { check: "anchor-missing", line: 4, message, why, correction: { lines, place: "before", at: 4 } }
 */

import type { Family } from "../../pf/packet.ts";
import type { Statement } from "../../pf/text/statements.ts";
import type { Analysis } from "./analysis.ts";

export interface Finding {
  /** Name of the check, `anchor-after-nat`. */
  readonly check: string;
  /** 1-based. For what is missing: the line where it should go. */
  readonly line: number;
  /** Not wrong, or not certain: worth knowing. A rule set with remarks only is fit. */
  readonly remark?: true;
  /** It hangs on this guess about the machine. */
  readonly guess?: string;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** What comes of it, and where that is written. */
  readonly why: string;
  readonly correction: Correction;
}

export interface Correction {
  /** The lines as they should be; empty if only the reader can know. */
  readonly lines: readonly string[];
  /** Where they go. */
  readonly place: "instead of" | "before" | "after";
  /** The line that `place` speaks of. */
  readonly at: number;
  /** They stand elsewhere now, and are taken away from that line. */
  readonly moved?: number;
}

type Words = Pick<Finding, "check" | "message" | "why" | "remark">;

/** The line should read otherwise. */
export const rewrite = (
  analysis: Pick<Analysis, "statements" | "text">,
  line: number,
  change: (text: string) => string,
  words: Words,
): Finding => {
  const lines = [change(written(analysis, line))];
  return { ...words, line, correction: { lines, place: "instead of", at: line } };
};

/** A rule is missing. */
export const add = (rule: string, place: "before" | "after", at: number, words: Words): Finding => ({
  ...words,
  line: at,
  correction: { lines: [rule], place, at },
});

/** The line is right, elsewhere. */
export const move = (
  analysis: Pick<Analysis, "statements" | "text">,
  line: number,
  place: "before" | "after",
  at: number,
  words: Words,
  change: (text: string) => string = (text) => text,
): Finding => {
  const lines = [change(written(analysis, line))];
  return { ...words, line, correction: { lines, place, at, moved: line } };
};

/** Something to know about a line. */
export const remark = (line: number, { check, message, why }: Words): Finding => ({
  check,
  line,
  message,
  why,
  remark: true,
  correction: { lines: [], place: "instead of", at: line },
});

/** The rule with `quick`, which goes after direction and log; as it is if it has it. */
export const quickened = (text: string): string =>
  /^[^"#]*?\bquick\b/.test(text)
    ? text
    : text.replace(/^(\w+(?:\s+(?:in|out)\b)?(?:\s+log\b(?:\s*\([^)]*\))?)?)/, "$1 quick");

/** The anchor's rules are one level further down than what this line calls. */
export const withoutStar = (analysis: Analysis, line: number, keyword: string, why: string): Finding =>
  rewrite(analysis, line, (text) => text.replace(/(anchor\s+)(["']?)(\/?)ftp-proxy\2/, '$1"$3ftp-proxy/*"'), {
    check: "anchor-without-star",
    message: `${keyword} "ftp-proxy" calls only the anchor of that name, not the sessions below it`,
    why: `${why} The rules are one level further down: "/*" calls them.`,
  });

/** Findings in any order. */
export type Check = (analysis: Analysis) => readonly Finding[];

/** A line of the text as written. */
export const lineText = ({ text }: Pick<Analysis, "text">, line: number): string =>
  (text.split("\n")[line - 1] ?? "").trim();

/** The statement that a rule of this line comes from, as written, joined lines and all. */
export function statementAt({ statements }: Pick<Analysis, "statements">, line: number): Statement | undefined {
  return statements.find((statement) => statement.line <= line && line <= statement.lastLine);
}

/** Written text of the statement at a line. */
export function written(analysis: Pick<Analysis, "statements" | "text">, line: number): string {
  const statement = statementAt(analysis, line);
  return statement === undefined ? lineText(analysis, line) : analysis.text.slice(statement.start, statement.end);
}

export const lastLine = ({ text }: Pick<Analysis, "text">): number =>
  Math.max(1, text.replace(/\n+$/, "").split("\n").length);

/** The line of the first filter rule: what must come before all of them goes above it. */
export function firstRuleLine(analysis: Pick<Analysis, "statements" | "text">): number {
  const first = analysis.statements.find(
    ({ keyword, isMacro }) => !isMacro && /^(?:pass|block|match|anchor|antispoof)$/.test(keyword),
  );
  return first?.line ?? lastLine(analysis);
}

/** The last nat, rdr or binat rule, or their anchors: later ones go below it. */
export const lastTranslation = ({ statements }: Pick<Analysis, "statements">): Statement | undefined =>
  statements.findLast(({ keyword }) => /^(?:nat|rdr|binat)(?:-anchor)?$/.test(keyword));

export const familyName = (family: Family): string => (family === "inet" ? "IPv4" : "IPv6");
