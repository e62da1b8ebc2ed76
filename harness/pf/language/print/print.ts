/**
 * Rulesets as pfctl prints them: rules one a line, inline anchors as blocks indented by two blanks a level.
 *
 * What `printRuleset` gives is again pf.conf text for the same rules. Some things pfctl prints in a way that it cannot
 * read back, and so do we: `rdr-to any` (from binat-to), the numbered ICMPv6 code of `return-icmp(code)`, `probability`
 * between `keep state` and its options, an empty unnamed anchor, and of nat-to and rdr-to on one rule only the first.
 */

import type { Rule } from "../../rule.ts";
import type { Ruleset } from "../../ruleset.ts";
import { type PrintOptions, printRule } from "./print-rule.ts";
import { printScrub, printTranslations, TRANSLATION_TYPES } from "./print-translation.ts";

export { type PrintOptions, printRule } from "./print-rule.ts";

export interface PrintRulesOptions extends Pick<PrintOptions, "portNames" | "dialect" | "count"> {
  /** `@N ` in front of each rule, counted anew in each anchor; blocks are not indented then. */
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
 * rules come first, as its `-nvf` has them: all of nat, then rdr, then binat, however they were mixed (seen on FreeBSD 12.1).
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
