/**
 * Second pass of the optimizer: six rules and more that differ only in one address become one rule with a table.
 * `pass to { 10.0.0.1 … 10.0.0.6 }` becomes `pass inet from any to <__automatic_0>`.
 */

import type { AddressSpec, FilterRule, RuleEnd } from "../../rule.ts";
import type { TableDefinition } from "../../ruleset.ts";
import { tableAddress } from "../clauses/host-clause.ts";
import { tableText } from "../print/print-address.ts";
import { type Compared, canonical, type End, grouped } from "./comparable.ts";

/** From here on a table is faster than single rules. Source: pfctl_optimize.c, TABLE_THRESHOLD. */
const THRESHOLD = 6;

/** A table in the making: pfctl numbers it when it has two addresses, even if it never gets six. */
interface Growing {
  readonly number: number;
  readonly end: End;
  readonly addresses: AddressSpec[];
}

interface Entry extends Compared {
  /** All but the two addresses. */
  readonly rest: string;
  growing?: Growing;
}

export interface Joined {
  readonly rules: readonly FilterRule[];
  readonly tables: readonly TableDefinition[];
  /** Number of the next `<__automatic_N>`. */
  readonly nextTable: number;
}

export function joinIntoTables(block: readonly Compared[], firstTable: number): Joined {
  const entries: Entry[] = block.map(({ rule, loose }) => {
    const { source, destination } = loose;
    return { rule, loose, rest: canonical({ ...loose, source: source.port, destination: destination.port }) };
  });
  const alike = grouped(entries, ({ rest }) => rest);
  const gone = new Set<Entry>();
  let nextTable = firstTable;
  for (const a of entries) {
    if (gone.has(a)) continue;
    const candidates = alike.get(a.rest) ?? [];
    for (let at = candidates.indexOf(a) + 1; at < candidates.length; at++) {
      const b = candidates[at] as Entry;
      const end = b.growing === undefined ? onlyDifference(a, b) : undefined;
      if (end === undefined || (a.growing !== undefined && a.growing.end !== end)) continue;
      a.growing ??= { number: nextTable++, end, addresses: [a.loose[end].spec] };
      a.growing.addresses.push(b.loose[end].spec);
      b.growing = a.growing;
      if (a.growing.addresses.length >= THRESHOLD) gone.add(b);
    }
  }
  return { ...withTables(entries.filter((entry) => !gone.has(entry))), nextTable };
}

/** The end at which two rules have different addresses that fit into a table, if their `rest` is equal. */
function onlyDifference({ loose: a }: Entry, { loose: b }: Entry): End | undefined {
  const sourceDiffers = a.source.address !== b.source.address;
  if (sourceDiffers === (a.destination.address !== b.destination.address)) return undefined;
  const end = sourceDiffers ? "source" : "destination";
  return isAddress(a[end].spec) && isAddress(b[end].spec) ? end : undefined;
}

const isAddress = ({ kind }: AddressSpec): boolean => kind === "network" || kind === "any";

/** The first rule of each full table takes it; the others of that table go. */
function withTables(entries: readonly Entry[]): Omit<Joined, "nextTable"> {
  const tables: TableDefinition[] = [];
  const made = new Set<Growing>();
  const rules = entries.flatMap(({ rule, growing }) => {
    if (growing === undefined || growing.addresses.length < THRESHOLD) return [rule];
    if (made.has(growing)) return [];
    made.add(growing);
    const table = definition(growing, rule);
    tables.push(table);
    const end: RuleEnd = { ...rule[growing.end], address: { kind: "table", name: table.name } };
    return [{ ...rule, [growing.end]: end }];
  });
  return { rules, tables };
}

function definition({ number, addresses }: Growing, { family, line }: FilterRule): TableDefinition {
  const name = `__automatic_${number}`;
  const nodes = addresses.map((spec) => ({
    spec,
    ...(family && { family }),
    prefix: spec.kind === "network" ? spec.prefix : 0,
    negated: false,
  }));
  return {
    name,
    const: true,
    files: [],
    addresses: nodes.flatMap((node) => tableAddress(node) ?? []),
    initialised: true,
    text: tableText(name, { const: true }, [{ kind: "addresses", nodes }]),
    line,
  };
}
