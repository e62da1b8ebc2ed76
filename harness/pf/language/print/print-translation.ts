/**
 * Translation and scrub rules of the era `rdr-anchor` as pfctl prints them with `-sn` and `-sr`.
 *
 * `rdr pass on em1 inet proto tcp from any to any port = ftp -> 127.0.0.1 port 8021`
 */

import type { ScrubRule, Translation, TranslationType } from "../../translation.ts";
import { formatPool } from "./print-pool.ts";
import { formatCriteria, formatLog, formatScrubWords, type PrintOptions } from "./print-rule.ts";

/** Source: FreeBSD sbin/pfctl/pfctl.c, pfctl_show_nat: each type is a ruleset of its own, listed and counted in this order. */
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
