/**
 * Tables that the text leaves empty are filled at run time, by authpf(8) or an administrator, and can hold anybody. A
 * trial session takes those that let somebody through as if they held everybody; those that block stay empty.
 *
 * @example
 * withTablesFilled(ruleset).filled // ["ftpusers"]
 */

import type { RuleEnd } from "../../pf/rule.ts";
import type { Ruleset } from "../../pf/ruleset.ts";
import { withTranslations } from "./read-rules.ts";
import { filterRules } from "./rule-facts.ts";

const EVERYBODY = ["0.0.0.0", "::"].map((address) => ({ address, prefix: 0, negated: false }));

export function withTablesFilled(ruleset: Ruleset): { readonly ruleset: Ruleset; readonly filled: readonly string[] } {
  const rules = filterRules(withTranslations(ruleset));
  const named = (blocks: boolean, accepts: (end: RuleEnd) => boolean): ReadonlySet<string> =>
    new Set(
      rules
        .filter(({ action }) => (action === "block") === blocks)
        .flatMap(({ source, destination }) => [source, destination])
        .flatMap((end) => (end.address.kind === "table" && accepts(end) ? [end.address.name] : [])),
    );
  const empty = new Set(ruleset.tables.filter(({ addresses }) => addresses.length === 0).map(({ name }) => name));
  const defined = new Set(ruleset.tables.map(({ name }) => name));
  const blocking = named(true, () => true);
  const excluded = named(false, ({ negated }) => negated);
  const filled = [...named(false, ({ negated }) => !negated)].filter(
    (name) => (empty.has(name) || !defined.has(name)) && !blocking.has(name) && !excluded.has(name),
  );
  const tables = [
    ...ruleset.tables.map((table) => (filled.includes(table.name) ? { ...table, addresses: EVERYBODY } : table)),
    ...filled.filter((name) => !defined.has(name)).map((name) => ({ name, addresses: EVERYBODY, files: [] })),
  ];
  return { ruleset: filled.length === 0 ? ruleset : ({ ...ruleset, tables } as Ruleset), filled };
}
