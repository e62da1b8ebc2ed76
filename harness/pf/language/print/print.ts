/**
 * Rulesets as pfctl prints them: rules one a line, inline anchors as blocks indented by two blanks a level.
 *
 * The output of `printRuleset` is pf.conf text for the same rules. Some things pfctl prints in a way that it cannot
 * read back, and this printer follows it: `rdr-to any` (from binat-to), the numbered ICMPv6 code of
 * `return-icmp(code)`, `probability` between `keep state` and its options, an empty unnamed anchor, and of nat-to and
 * rdr-to on one rule only the first.
 */

import type { Rule, ScrubRule, Translation, TranslationType } from "../../rule.ts";
import type { Ruleset } from "../../ruleset.ts";
import { formatPool } from "./print-address.ts";
import { formatCriteria, formatLog, formatScrubWords, type PrintOptions, printRule } from "./print-rule.ts";

export { type PrintOptions, printRule } from "./print-rule.ts";

export interface PrintRulesOptions extends Pick<PrintOptions, "portNames" | "era" | "count"> {
  /** `@N ` before each rule, counted from 0 in each anchor; blocks are not indented then. */
  readonly numbers?: boolean;
}

/** Lines, without newlines. */
export function printRules(rules: readonly Rule[], options: PrintRulesOptions = {}, depth = 0): string[] {
  const lines: string[] = [];
  const { numbers, ...print } = options;
  const indent = numbers ? "" : "  ".repeat(depth);
  rules.forEach((rule, number) => {
    const line = indent + printRule(rule, numbers ? { ...print, number } : print);
    const inline = rule.kind === "anchor" ? rule.rules : undefined;
    if (inline === undefined || inline.length === 0) lines.push(line);
    else {
      lines.push(`${line} {`);
      for (const inner of printRules(inline, options, depth + 1)) lines.push(inner);
      lines.push(`${indent}}`);
    }
  });
  return lines;
}

/**
 * The rules of a ruleset as `pfctl -sr` shows them, each line ended. In the era `rdr-anchor` scrub and translation
 * rules come first, as its `-nvf` has them: all of nat, then rdr, then binat, however they were mixed (seen on FreeBSD
 * 12.1).
 */
export function printRuleset(ruleset: Ruleset, options: PrintRulesOptions = {}): string {
  const { scrubs = [], translations = [], rules } = ruleset;
  const { numbers: _, ...plain } = options;
  return [
    ...scrubs.map((rule) => printScrub(rule, plain)),
    ...TRANSLATION_TYPES.flatMap((type) =>
      printTranslations(
        translations.filter((rule) => rule.type === type),
        plain,
      ),
    ),
    ...printRules(rules, options),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

// The era `rdr-anchor`: `rdr pass on em1 inet proto tcp from any to any port = ftp -> 127.0.0.1 port 8021`

/**
 * Source: FreeBSD sbin/pfctl/pfctl.c, pfctl_show_nat: each type is a ruleset of its own, listed and counted in this
 * order.
 */
export const TRANSLATION_TYPES: readonly TranslationType[] = ["nat", "rdr", "binat"];

/** One line; an anchor with rules without its ` {`. */
export function printTranslation(rule: Translation, options: PrintOptions = {}): string {
  const number = options.number === undefined ? "" : `@${options.number} `;
  if (rule.kind === "translation-anchor") {
    return `${number}${rule.type}-anchor "${rule.name}"${formatCriteria(rule, options)}`;
  }
  let text = `${number}${rule.exempt ? "no " : ""}${rule.type}`;
  if (rule.pass) text += " pass";
  if (rule.log !== undefined) text += formatLog(rule.log);
  text += formatCriteria(rule, options);
  if (rule.tag !== undefined) text += ` tag ${rule.tag}`;
  if (rule.tagged !== undefined) text += `${rule.tagged.negated ? " !" : ""} tagged ${rule.tagged.tag}`;
  if (rule.rtable !== undefined) text += ` rtable ${rule.rtable}`;
  if (rule.pool === undefined) return text;
  const use = rule.type === "binat" ? "route" : rule.type;
  return `${text} -> ${formatPool(rule.pool, use, rule.family, options.count)}`;
}

/** Lines with anchors as blocks. */
export function printTranslations(rules: readonly Translation[], options: PrintOptions = {}, depth = 0): string[] {
  const indent = "  ".repeat(depth);
  return rules.flatMap((rule) => {
    const line = indent + printTranslation(rule, options);
    const inline = rule.kind === "translation-anchor" ? rule.rules : undefined;
    if (inline === undefined || inline.length === 0) return [line];
    return [`${line} {`, ...printTranslations(inline, options, depth + 1), `${indent}}`];
  });
}

/** `fragment reassemble` is shown even if it was not written. */
export function printScrub(rule: ScrubRule, options: PrintOptions = {}): string {
  let text = `${rule.exempt ? "no " : ""}scrub`;
  if (rule.direction !== undefined) text += ` ${rule.direction}`;
  if (rule.log !== undefined) text += formatLog(rule.log);
  text += formatCriteria(rule, options);
  const words = formatScrubWords(rule.scrub);
  if (words.length > 0) text += ` ${words.join(" ")}`;
  return rule.exempt ? text : `${text} fragment ${rule.fragments}`;
}
