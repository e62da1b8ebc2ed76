/**
 * Reads one rule as pfctl -sr prints it, or -sn in the era `rdr-anchor`, with the harness's own parser: the proxy under test and
 * the judge share no rule type (docs/decisions/rules-as-text.md).
 */

import type { Era } from "../contract/lab.ts";
import { parseRuleset } from "../pf/language/parse.ts";
import type { Rule } from "../pf/rule.ts";
import type { Translation } from "../pf/translation.ts";

/**
 * A rule that came by ioctl(2) as pfctl would have let it in: there is no `keep state` on its match rules (ftp-proxy.c 1.41
 * with -T loads it all the same, and the kernel prints it).
 */
export const asPfctlTakesIt = (text: string): string =>
  text.startsWith("match ") ? text.replace(/ keep state \([^)]*\)/, "") : text;

/** By its name alone: that there is such a queue stands in the main ruleset. */
const withoutQueue = (text: string): string => text.replace(/ set \(queue [^)]*\)/, "");

/** The rule, or undefined when pf.conf(5) knows no such rule. */
export function parseRuleText(text: string, era: Era): Rule | Translation | undefined {
  const readable = withoutQueue(asPfctlTakesIt(text));
  const { ruleset, errors } = parseRuleset(`${readable}\n`, { interfaces: [], dialect: era });
  const rules = [...(ruleset.translations ?? []), ...ruleset.rules];
  return errors.length === 0 && rules.length === 1 ? rules[0] : undefined;
}
