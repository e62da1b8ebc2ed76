/**
 * Reads one rule as pfctl -sr prints it, with the harness's own parser: the proxy under test and
 * the judge share no rule type (DESIGN, decision 2).
 */

import { parseRuleset } from "../pf/language/parse.ts";
import type { Rule } from "../pf/rule.ts";

/** The rule, or undefined when pf.conf(5) knows no such rule. `keep state` on match rules, which only the kernel prints, is tolerated. */
export function parseRuleText(text: string): Rule | undefined {
  const readable = text.startsWith("match ") ? text.replace(/ keep state \([^)]*\)/, "") : text;
  const { ruleset, errors } = parseRuleset(`${readable}\n`, { interfaces: [] });
  return errors.length === 0 && ruleset.rules.length === 1 ? ruleset.rules[0] : undefined;
}
