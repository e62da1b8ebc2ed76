/**
 * Rulesets as pfctl prints them: rules one a line, inline anchors as blocks indented by two blanks a level.
 *
 * The output of `printRuleset` is pf.conf text for the same rules. Some things pfctl prints in a way that it cannot
 * read back, and this printer follows it: `rdr-to any` (from binat-to), the numbered ICMPv6 code of
 * `return-icmp(code)`, `probability` between `keep state` and its options, an empty unnamed anchor, and of nat-to and
 * rdr-to on one rule only the first.
 */

import type { EtherRule, Rule, ScrubRule, Translation, TranslationType } from "../../rule.ts";
import type { Ruleset } from "../../ruleset.ts";
import { type Release, releaseOf } from "../releases.ts";
import { formatPool } from "./print-address.ts";
import {
  formatCriteria,
  formatLog,
  formatScrubWords,
  formatTagged,
  lastPart,
  type PrintOptions,
  printRule,
} from "./print-rule.ts";

export { type PrintOptions, printRule } from "./print-rule.ts";

/**
 * The rules of a ruleset as `pfctl -nvf` shows them, one a line, inline anchors as blocks. In the era `rdr-anchor`
 * scrub and translation rules come first: all of nat, then rdr, then binat, however they were mixed (seen on FreeBSD
 * 12.1). With `numbers`, `@N ` is before each rule, counted from 0 in each anchor, and only the ends of blocks are
 * indented.
 */
export function rulesetLines(ruleset: Ruleset, options: PrintOptions = {}, numbers = false): string[] {
  const { ethers = [], scrubs = [], translations = [], rules } = ruleset;
  const byType = (type: TranslationType) => translations.filter((rule) => rule.type === type);
  return [
    ...scrubs.map((rule) => printScrub(rule, options)),
    ...etherLines(ethers),
    ...TRANSLATION_TYPES.flatMap((type) => ruleLines(byType(type), printTranslation, options, numbers)),
    ...ruleLines(rules, printRule, options, numbers),
  ];
}

/** The same as text that can be read again. */
export function printRuleset(ruleset: Ruleset, options: PrintOptions = {}): string {
  const lines = rulesetLines(ruleset, options);
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** The lines of `rules`, each printed by `print`; anchors with rules are blocks. */
export function ruleLines<R extends Rule | Translation>(
  rules: readonly R[],
  print: (rule: R, options: PrintOptions) => string,
  options: PrintOptions = {},
  numbers = false,
  depth = 0,
): string[] {
  const end = "  ".repeat(depth);
  const indent = numbers ? "" : end;
  const lines: string[] = [];
  rules.forEach((rule, number) => {
    const line = indent + print(rule, numbers ? { ...options, number } : options);
    const inner = rule.kind === "anchor" || rule.kind === "translation-anchor" ? rule.rules : undefined;
    if (inner === undefined || inner.length === 0) {
      lines.push(line);
      return;
    }
    lines.push(`${line} {`);
    for (const below of ruleLines(inner as readonly R[], print, options, numbers, depth + 1)) lines.push(below);
    lines.push(`${end}}`);
  });
  return lines;
}

/** Rules of FreeBSD for frames. */
function etherLines(rules: readonly EtherRule[], depth = 0): string[] {
  const indent = "  ".repeat(depth);
  return rules.flatMap(({ text, rules: inner }) =>
    inner === undefined ? [indent + text] : [`${indent}${text} {`, ...etherLines(inner, depth + 1), `${indent}}`],
  );
}

// The era `rdr-anchor`: `rdr pass on em1 inet proto tcp from any to any port = ftp -> 127.0.0.1 port 8021`

/**
 * Source: FreeBSD sbin/pfctl/pfctl.c, pfctl_show_nat: each type is a separate ruleset, listed and counted in this
 * order.
 */
export const TRANSLATION_TYPES: readonly TranslationType[] = ["nat", "rdr", "binat"];

/** One line; an anchor with rules without its ` {`. */
export function printTranslation(rule: Translation, options: PrintOptions = {}): string {
  const number = options.number === undefined ? "" : `@${options.number} `;
  if (rule.kind === "translation-anchor") {
    const short = options.dryRun && releaseOf(options).lastPartOfAnchors;
    const table = rule.rtable === undefined ? "" : ` rtable ${rule.rtable}`;
    return `${number}${rule.type}-anchor "${short ? lastPart(rule.name) : rule.name}"${formatCriteria(rule, options)}${table}`;
  }
  let text = `${number}${rule.exempt ? "no " : ""}${rule.type}`;
  if (rule.pass) text += " pass";
  if (rule.log !== undefined) text += formatLog(rule.log);
  text += formatCriteria(rule, options);
  if (rule.tag !== undefined) text += ` tag ${rule.tag}`;
  text += formatTagged(rule);
  if (rule.rtable !== undefined) text += ` rtable ${rule.rtable}`;
  if (rule.pool === undefined) return text;
  const use = rule.type === "binat" ? "route" : rule.type;
  return `${text} -> ${formatPool(rule.pool, use, rule.family, options.count)}`;
}

/** `fragment reassemble` is shown even if it was not written. */
export function printScrub(rule: ScrubRule, options: PrintOptions = {}): string {
  let text = `${rule.exempt ? "no " : ""}scrub`;
  if (rule.direction !== undefined) text += ` ${rule.direction}`;
  if (rule.log !== undefined) text += formatLog(rule.log);
  text += formatCriteria(rule, options);
  text += scrubWords(rule, releaseOf(options));
  if (!rule.exempt) text += ` fragment ${rule.fragments}`;
  text += formatTagged(rule);
  return rule.rtable === undefined ? text : `${text} rtable ${rule.rtable}`;
}

/** FreeBSD 15 prints the actions of `no scrub` as those of a match rule, without some. */
function scrubWords({ scrub, exempt }: ScrubRule, { scrubParentheses, system }: Release): string {
  const { noDf, randomId, minTtl, maxMss, setTos, reassembleTcp } = scrub;
  if (exempt && scrubParentheses) {
    const words = formatScrubWords({ ...(minTtl && { minTtl }), ...(maxMss && { maxMss }) });
    return words.length > 0 ? ` scrub( ${words.join(" ")})` : "";
  }
  let text = "";
  if (noDf) text += " no-df";
  if (randomId) text += " random-id";
  if (minTtl) text += ` min-ttl ${minTtl}`;
  if (maxMss) text += ` max-mss ${maxMss}`;
  if (setTos !== undefined) text += ` set-tos 0x${setTos.toString(16).padStart(2, "0")}`;
  if (reassembleTcp && !(exempt && system === "FreeBSD")) text += " reassemble tcp";
  return text;
}
