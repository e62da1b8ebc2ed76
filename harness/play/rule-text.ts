/**
 * Reads one rule as pfctl -sr prints it, or -sn in the era `rdr-anchor`, with the harness's own parser: the proxy under test and
 * the judge share no rule type (DESIGN, decision 2).
 */

import type { Era } from "../lab.ts";
import { parseRuleset } from "../pf/language/parse.ts";
import type { Rule } from "../pf/rule.ts";
import type { Translation } from "../pf/translation.ts";

/** The rule, or undefined when pf.conf(5) knows no such rule. `keep state` on match rules, which only the kernel prints, is tolerated. */
export function parseRuleText(text: string, era: Era): Rule | Translation | undefined {
  const readable = text.startsWith("match ") ? text.replace(/ keep state \([^)]*\)/, "") : text;
  const { ruleset, errors } = parseRuleset(`${readable}\n`, { interfaces: [], dialect: era });
  const rules = [...(ruleset.translations ?? []), ...ruleset.rules];
  return errors.length === 0 && rules.length === 1 ? rules[0] : undefined;
}
