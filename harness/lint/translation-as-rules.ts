/**
 * Translation rules of the older language as `match quick` rules, line by line: first match wins in both. Filter rules
 * are not part of the result.
 */

import type { AnchorRule, Criteria, Direction, FilterRule, Rule } from "../pf/rule.ts";
import type { Ruleset } from "../pf/ruleset.ts";
import type { Translation, TranslationAnchor, TranslationRule } from "../pf/translation.ts";
import { PASSES } from "./gate.ts";

export function translationAsRules(ruleset: Ruleset): Ruleset {
  const { tables, translations = [] } = ruleset;
  return { options: {}, tables, queues: [], loads: [], rules: translations.flatMap(asRules) };
}

function asRules(translation: Translation): readonly Rule[] {
  return translation.kind === "translation-anchor" ? anchorRules(translation) : filterRules(translation);
}

function anchorRules({
  kind: _kind,
  type,
  name,
  rules: _rules,
  ...criteria
}: TranslationAnchor): readonly AnchorRule[] {
  const directions: readonly Direction[] = type === "binat" ? ["in", "out"] : [type === "nat" ? "out" : "in"];
  return directions.map((direction) => ({ ...criteria, kind: "anchor", name, direction }));
}

function filterRules(rule: TranslationRule): readonly FilterRule[] {
  const { kind: _kind, type, exempt, pass, pool, log, tag, rtable, line, file, ...criteria } = rule;
  const base = {
    ...(criteria as Criteria),
    line,
    ...(file !== undefined && { file }),
    ...(log !== undefined && { log }),
    ...(tag !== undefined && { tag }),
    ...(rtable !== undefined && { rtable }),
    ...(pass === true && { label: PASSES }),
    kind: "filter",
    action: "match",
    state: "none",
    quick: true,
  } as const;
  const out: FilterRule = { ...base, direction: "out", ...(exempt !== true && pool && { natTo: pool }) };
  const into: FilterRule = { ...base, direction: "in", ...(exempt !== true && pool && { rdrTo: pool }) };
  switch (type) {
    case "nat":
      return [out];
    case "rdr":
      return [into];
    case "binat":
      // Outwards only: what comes in for the outer address is not FTP's concern here.
      return [out];
  }
}
