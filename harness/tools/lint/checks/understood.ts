/**
 * Does pfctl understand the text? The finding for a rule of another era shows the rule of this era; any other finding
 * repeats pfctl's message.
 */

import type { Absent } from "../../../pf/language/context.ts";
import { ERA_NAMES, type Era } from "../../../pf/language/eras.ts";
import { RELEASES, releaseInWords } from "../../../pf/language/releases.ts";
import type { RuleEnd } from "../../../pf/rule.ts";
import { isOld, type Statement } from "../../../pf/text/statements.ts";
import { statementConverter } from "../../convert/statement.ts";
import type { Analysis } from "../analysis.ts";
import {
  type Check,
  type Correction,
  type Finding,
  firstRuleLine,
  lastLine,
  lastTranslation,
  move,
  remark,
  rewrite,
  statementAt,
  written,
} from "../finding.ts";
import { withTranslations } from "../read-rules.ts";
import { filterRules, isForFtp } from "../rule-facts.ts";
import { divertRule } from "../wanted-rules.ts";

export const understood: Check = (analysis) => {
  const lines = new Map<number, string[]>();
  for (const { line, text } of analysis.errors) {
    const at = statementAt(analysis, line)?.line ?? line;
    lines.set(at, [...(lines.get(at) ?? []), text]);
  }
  const refusals = [...lines].map(([line, texts]) => {
    const statement = statementAt(analysis, line);
    return (
      (statement && otherEra(analysis, statement)) ??
      hostMissing(analysis, line) ??
      outOfOrder(analysis, line, texts) ??
      carriageReturn(analysis, line) ??
      notKnown(analysis, line, texts) ??
      refused(analysis.release, line, texts)
    );
  });
  return [
    ...refusals,
    ...givenUp(analysis),
    ...takenForSockets(analysis, lines),
    ...unknownWords(analysis),
    ...notCarriedOut(analysis),
    ...absentHere(analysis),
    ...filledTables(analysis),
  ];
};

/** pfctl gives up without a line: too much text, too many includes. */
function givenUp(analysis: Analysis): Finding[] {
  const { errors, release } = analysis;
  const { accepted, stderr } = analysis.parsed;
  if (accepted || errors.length > 0) return [];
  const text = (stderr.at(-1) ?? "it is too much").replace(/^pfctl: /, "");
  return [refused(release, lastLine(analysis), [text])];
}

/** Words that only another system has: the parser skips them with a warning. */
const unknownWords = ({ parsed }: Analysis): Finding[] =>
  parsed.warnings
    .filter(({ text }) => text.includes("not known to the model"))
    .map(({ line, text }) =>
      remark(line, {
        check: "not-known",
        message: text,
        why: "The model does not carry the line out; all other lines are checked as if it were not there.",
      }),
    );

/** Statements and words that the engine reads, keeps and prints, and does nothing about. */
const NOT_CARRIED_OUT = /^(?:altq|queue|ether|dnpipe|dnqueue|os|syncookies)$/;

/** Once for each word, at its first line. */
function notCarriedOut({ statements }: Analysis): Finding[] {
  const first = new Map<string, number>();
  for (const { tokens, line, isMacro } of statements) {
    for (const { text } of isMacro ? [] : tokens) {
      if (NOT_CARRIED_OUT.test(text) && !first.has(text)) first.set(text, line);
    }
  }
  return [...first].map(([word, line]) =>
    remark(line, {
      check: "not-carried-out",
      message: `\`${word}\` is not carried out by the model of PF`,
      why: "The model reads and prints it, and decides about packets as if it were not there.",
    }),
  );
}

const HERE: Readonly<Record<Absent["kind"], string>> = {
  file: "the file cannot be read here, and counts as empty: --root DIR takes a copy of the firewall's /etc",
  user: "the user is not known here, and counts as one that owns no socket",
  group: "the group is not known here, and counts as one that owns no socket",
  service: "the service is not known here, and counts as a port that nothing uses",
  host: "the name cannot be looked up here, and counts as some host outside",
};

/** The firewall may well have it: all other checks go on. */
const absentHere = ({ absent, options }: Analysis): Finding[] =>
  absent.map(({ kind, name, file, line }) =>
    remark(file === (options.file ?? "pf.conf") ? line : 1, {
      check: "not-on-this-machine",
      message: `${kind} ${name}: ${HERE[kind]}`,
      why: "The firewall may have it. If it does not, its pfctl refuses the whole file.",
    }),
  );

/** Said where FTP hangs on it. */
const filledTables = ({ filled, ruleset }: Analysis): Finding[] =>
  filled.flatMap((name) => {
    const names = ({ address }: RuleEnd) => address.kind === "table" && address.name === name;
    const rule = filterRules(withTranslations(ruleset)).find((one) => isForFtp(one) && names(one.source));
    if (rule === undefined) return [];
    const words = {
      check: "table-at-run-time",
      message: `the rule serves whom table <${name}> holds: the text leaves it empty`,
      why: "Tables can be filled at run time (pfctl -T add, authpf, overload). lint takes it that clients are in it.",
    };
    return [remark(rule.line, words)];
  });

/** FreeBSD reads `divert-to ADDRESS port N`, too, but sends the packets to divert(4). */
function takenForSockets(analysis: Analysis, refused: ReadonlyMap<number, unknown>): Finding[] {
  if (analysis.era !== "rdr-anchor") return [];
  return analysis.statements.flatMap((statement) => {
    const words = statement.tokens.map(({ text }) => text);
    const at = words.indexOf("divert-to");
    if (at < 0 || words[at + 2] !== "port" || refused.has(statement.line)) return [];
    const finding = otherEra(analysis, statement);
    const why =
      "FreeBSD's pfctl takes this for divert(4) and forgets the address, so that the proxy is never reached; OpenBSD before 4.7 refuses it.";
    return finding === undefined ? [] : [{ ...finding, why }];
  });
}

/** The era that a statement is written for, if it cannot be this one. */
function eraOf(statement: Statement, era: Era): Era | undefined {
  if (era !== "rdr-anchor") return isOld(statement) ? "rdr-anchor" : laterEra(statement, era);
  const words = statement.tokens.map(({ text }) => text);
  if (words.includes("divert-to")) return "divert-to";
  return statement.keyword === "match" || words.some((word) => /^(?:nat|rdr|binat)-to$/.test(word))
    ? "rdr-to"
    : undefined;
}

const laterEra = ({ tokens }: Statement, era: Era): Era | undefined =>
  era === "rdr-to" && tokens.some(({ text }) => text === "divert-to") ? "divert-to" : undefined;

function otherEra(analysis: Analysis, statement: Statement): Finding | undefined {
  const { era, text, statements } = analysis;
  const from = eraOf(statement, era);
  if (from === undefined) return undefined;
  const outcome = statementConverter(text, statements, from, era)(statement);
  const { line } = statement;
  const lines = outcome.kind === "replaced" ? outcome.lines.map((one) => one.text) : [];
  const instead = lines.length > 0 ? `; here that is ${lines.map((one) => `\`${one}\``).join(" and ")}` : "";
  return {
    check: "other-era",
    line,
    message: `\`${written(analysis, line)}\` is written for ${ERA_NAMES[from]}, the rest for ${ERA_NAMES[era]}${instead}`,
    why: "pfctl refuses the whole file for one line that it does not understand, and the old rules stay in force. (--era says what the firewall speaks, anchorage convert translates whole files.)",
    correction:
      era === "rdr-anchor" ? amongTranslations(analysis, line, lines) : { lines, place: "instead of", at: line },
  };
}

/** Translation rules must be together, before the filter rules. */
function amongTranslations(analysis: Analysis, line: number, lines: readonly string[]): Correction {
  const last = lastTranslation(analysis);
  const translates = lines.length > 0 && lines.every((text) => /^(?:no |nat|rdr|binat)/.test(text));
  return last !== undefined && translates
    ? { lines, place: "after", at: last.line, moved: line }
    : { lines, place: "instead of", at: line };
}

/** Before 4.7 pfctl insists on the order of statements. */
function outOfOrder(analysis: Analysis, line: number, texts: readonly string[]): Finding | undefined {
  if (!texts.some((text) => text.startsWith("Rules must be in order"))) return undefined;
  const at = firstRuleLine(analysis);
  return move(analysis, line, "before", at, {
    check: "statement-order",
    message: `this must come before the filter rules, which begin at line ${at}`,
    why: "Before 4.7 and on FreeBSD pfctl wants options, normalization, queueing, translation and filtering in this order (set require-order), and refuses the file otherwise.",
  });
}

/** The PF tutorials' `divert-to port 8021`. */
function hostMissing(analysis: Analysis, line: number): Finding | undefined {
  const text = written(analysis, line);
  const found = /\b(divert-to|rdr-to|->)\s+port\s+(\S+)/.exec(text);
  if (found === null) return undefined;
  const [all, word, port] = found;
  const family = /\binet6\b/.test(text) ? "inet6" : "inet";
  const address = family === "inet6" ? "::1" : "127.0.0.1";
  const withHost = text.replace(all, `${word} ${address} port ${port}`) || divertRule(analysis, family);
  return rewrite(analysis, line, () => withHost, {
    check: "host-missing",
    message: `${word} needs a host: ${all} is a syntax error`,
    why: "Some printed guides leave the address out; pfctl refuses the file. ftp-proxy listens on 127.0.0.1, with -6 on ::1.",
  });
}

/** A file that was written on another system. */
function carriageReturn(analysis: Analysis, line: number): Finding | undefined {
  if (!/\r(?:\n|$)/.test(analysis.text.split("\n")[line - 1] ?? "")) return undefined;
  return rewrite(analysis, line, (text) => text.trimEnd(), {
    check: "refused",
    message: "the line ends in a carriage return, which pfctl takes for a word",
    why: "pf.conf has lines that end in a newline and nothing else; with one error in it the whole file is not loaded.",
  });
}

/** All words of all releases that the model has. */
const WORDS: ReadonlySet<string> = new Set(
  RELEASES.flatMap(({ keywords, statements, options, settings, stateItems, poolOptions, limits }) => [
    ...[keywords, statements, options, settings, stateItems, poolOptions, limits].flatMap((words) => [...words]),
  ]),
);

/** Any word may follow these, or stand in a list after them. */
const NAMERS = /^(?:on|for|from|to|port|proto|user|group|label|tag|tagged|queue|os|table|anchor|->|\{|\(|,|<|!)$/;

/**
 * A word that no release of the model has: PF of another system may. Only who names the release is told what its pfctl
 * says.
 */
function notKnown(analysis: Analysis, line: number, texts: readonly string[]): Finding | undefined {
  const statement = statementAt(analysis, line);
  if (!analysis.releaseGuessed || statement === undefined || !texts.includes("syntax error")) return undefined;
  const words = statement.tokens.map(({ text }) => text);
  const word = words.find(
    (text, index) =>
      /^[a-z][a-z0-9-]+$/.test(text) && !WORDS.has(text) && (index === 0 || !NAMERS.test(words[index - 1] ?? "")),
  );
  if (word === undefined || statement.isMacro) return undefined;
  return {
    check: "not-known",
    line,
    message: `not known to the model: \`${word}\`, a word of another PF or a mistake`,
    why: `The model reads ${RELEASES.map(({ name }) => releaseInWords(name)).join(", ")}. It cannot say what other systems make of the line; --release names one that it knows.`,
    correction: { lines: [], place: "instead of", at: line },
  };
}

function refused(release: string, line: number, texts: readonly string[]): Finding {
  return {
    check: "refused",
    line,
    message: `pfctl of ${releaseInWords(release)} refuses this line: ${texts.join("; ")}`,
    why: "With one error in it the whole file is not loaded, and the old rules stay in force.",
    correction: { lines: [], place: "instead of", at: line },
  };
}
