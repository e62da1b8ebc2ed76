/**
 * pfctl's optimizer of filter rules (pfctl(8), `-o basic`, in force when nothing is said): it drops rules that others
 * cover, joins neighbours into tables, and orders rules for the kernel's skip steps. It never changes what a ruleset
 * decides. Inline anchors are optimized by themselves.
 *
 * `pass to 10.0.0.1`, `pass to 10.0.0.1`, `pass out` becomes two rules.
 */

import type { FilterRule, Rule } from "../../rule.ts";
import type { TableDefinition } from "../../ruleset.ts";
import { fixedOf, looseOf, staysAlone } from "./comparable.ts";
import { withoutDuplicates } from "./duplicates.ts";
import { joinIntoTables } from "./joined.ts";
import { inSkipOrder } from "./skip-steps.ts";

export interface Optimized {
  readonly rules: readonly Rule[];
  /** Tables that were made, in the order in which pfctl prints them. */
  readonly tables: readonly TableDefinition[];
  /** Number of the next `<__automatic_N>`. */
  readonly nextTable: number;
}

export function optimize(rules: readonly Rule[], firstTable: number): Optimized {
  const optimized: Rule[] = [];
  const tables: TableDefinition[] = [];
  let nextTable = firstTable;
  for (const block of blocks(rules)) {
    if (block.length === 1) {
      optimized.push(...block);
      continue;
    }
    const compared = (block as readonly FilterRule[]).map((rule) => ({ rule, loose: looseOf(rule) }));
    const joined = joinIntoTables(withoutDuplicates(compared), nextTable);
    nextTable = joined.nextTable;
    tables.push(...joined.tables);
    optimized.push(...inSkipOrder(joined.rules));
  }
  const withInner = optimized.map((rule) => {
    if (rule.kind !== "anchor" || rule.rules === undefined) return rule;
    const inner = optimize(rule.rules, nextTable);
    nextTable = inner.nextTable;
    tables.push(...inner.tables);
    return { ...rule, rules: inner.rules };
  });
  return { rules: withInner, tables, nextTable };
}

/** Neighbours that may change places: the same action on packets of whatever address and port. */
function blocks(rules: readonly Rule[]): readonly (readonly Rule[])[] {
  const found: Rule[][] = [];
  let fixed: string | undefined;
  for (const rule of rules) {
    const own = rule.kind === "filter" && !staysAlone(rule) ? fixedOf(rule) : undefined;
    const block = found.at(-1);
    if (block !== undefined && own !== undefined && own === fixed && sameGroup(block[0], rule)) block.push(rule);
    else found.push([rule]);
    fixed = own;
  }
  return found;
}

/** An interface group may hold any interface, so its rules keep their place among those of others. */
function sameGroup(first: Rule | undefined, rule: Rule): boolean {
  const [a, b] = [first?.interface?.name ?? "", rule.interface?.name ?? ""];
  return !(isGroup(a) || isGroup(b)) || a.toLowerCase() === b.toLowerCase();
}

const isGroup = (name: string): boolean => name !== "" && !/\d$/.test(name);
