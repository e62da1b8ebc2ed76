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

/**
 * The rules of a ruleset as `pfctl -nvf` shows them, one a line, inline anchors as blocks. In the era `rdr-anchor`
 * scrub and translation rules come first: all of nat, then rdr, then binat, however they were mixed (seen on FreeBSD
 * 12.1). With `numbers`, `@N ` is before each rule, counted from 0 in each anchor, and only the ends of blocks are
 * indented.
 */
export function rulesetLines(ruleset: Ruleset, options: PrintOptions = {}, numbers = false): string[] {
  const { scrubs = [], translations = [], rules } = ruleset;
  const byType = (type: TranslationType) => translations.filter((rule) => rule.type === type);
  return [
    ...scrubs.map((rule) => printScrub(rule, options)),
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
