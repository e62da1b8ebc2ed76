/**
 * Third pass of the optimizer: rules with a criterion in common come together, so that the kernel can skip them at
 * once. The largest groups come first, each ordered in itself in the same way; pairs and single rules come last.
 */

import type { AddressSpec, FilterRule, RangeOperator, RuleEnd } from "../../rule.ts";
import { canonical } from "./comparable.ts";

/** The criterion as text; undefined if nothing can be skipped by it. In the kernel's order (pfvar.h, PF_SKIP_IFP …). */
const CRITERIA: readonly ((rule: FilterRule) => string | undefined)[] = [
  (rule) => rule.interface && canonical(rule.interface),
  (rule) => rule.direction,
  (rule) => rule.rdomain && canonical(rule.rdomain),
  (rule) => rule.family,
  (rule) => rule.protocol?.toString(),
  (rule) => addressText(rule.source),
  (rule) => addressText(rule.destination),
  (rule) => portText(rule.source.port),
  (rule) => portText(rule.destination.port),
];

const portText = (port: RangeOperator | undefined): string | undefined => port && canonical(port);

function addressText({ address, negated }: RuleEnd): string | undefined {
  const text = comparable(address);
  return text && `${negated ? "!" : ""}${text}`;
}

function comparable(spec: AddressSpec): string | undefined {
  switch (spec.kind) {
    case "network":
      return /^[0.:]+$/.test(spec.address) ? undefined : `${spec.address}/${spec.prefix}`;
    case "dynamic":
      // Without `:network` and its like: pfctl compares that field with itself.
      return `(${spec.interface})/${spec.prefix ?? ""}`;
    case "table":
      return `<${spec.name}>`;
    case "no-route":
    case "urpf-failed":
      return spec.kind;
    default:
      return undefined;
  }
}

/** Rules that agree in one criterion; `count` is what the choice of the largest goes by. */
interface Group {
  rules: FilterRule[];
  count: number;
  /** Its place in the list. */
  at: number;
}

/** The groups by one criterion, the largest first. */
interface List {
  readonly groups: Group[];
  readonly groupOf: ReadonlyMap<FilterRule, Group>;
}

export function inSkipOrder(rules: readonly FilterRule[]): readonly FilterRule[] {
  const lists = CRITERIA.map((criterion) => listBy(rules, criterion));
  for (const { groups } of lists) {
    // A criterion that all rules share, or none, orders nothing.
    const [first] = groups;
    if (first !== undefined && (first.count === rules.length || first.count === 1)) first.count = 0;
  }
  const large: FilterRule[] = [];
  const small: FilterRule[] = [];
  const taken = new Set<FilterRule>();
  for (;;) {
    const list = largest(lists);
    const group = list?.groups[0];
    if (list === undefined || group === undefined) {
      return [...large, ...small, ...rules.filter((rule) => !taken.has(rule))];
    }
    if (group.count > 2) large.push(...inSkipOrder(group.rules));
    else small.push(...group.rules);
    for (const rule of group.rules) {
      taken.add(rule);
      for (const other of lists) if (other !== list) remove(rule, other);
    }
    list.groups.shift();
    for (const left of list.groups) left.at--;
  }
}

/** The list whose first group is the largest, if any has two rules; the first of equals. */
function largest(lists: readonly List[]): List | undefined {
  let found: List | undefined;
  for (const list of lists) {
    if (firstCount(list) > Math.max(1, found === undefined ? 0 : firstCount(found))) found = list;
  }
  return found;
}

const firstCount = ({ groups }: List): number => groups[0]?.count ?? 0;

/** Of groups of equal size the one that grew first comes first. */
function listBy(rules: readonly FilterRule[], criterion: (rule: FilterRule) => string | undefined): List {
  const groups: Group[] = [];
  const byKey = new Map<string, Group>();
  const groupOf = new Map<FilterRule, Group>();
  for (const rule of rules) {
    const key = criterion(rule);
    const group = (key === undefined ? undefined : byKey.get(key)) ?? { rules: [], count: 0, at: groups.length };
    if (group.count === 0) groups.push(group);
    if (key !== undefined) byKey.set(key, group);
    groupOf.set(rule, group);
    group.rules.push(rule);
    group.count++;
    while ((groups[group.at - 1]?.count ?? Number.POSITIVE_INFINITY) < group.count) swap(groups, group.at - 1);
  }
  return { groups, groupOf };
}

function remove(rule: FilterRule, { groups, groupOf }: List): void {
  const group = groupOf.get(rule);
  if (group === undefined || (groups[0]?.count ?? 0) <= 1) return;
  group.rules = group.rules.filter((other) => other !== rule);
  group.count--;
  while ((groups[group.at + 1]?.count ?? 0) > group.count) swap(groups, group.at);
}

/** The group at `at` and the next one change places. */
function swap(groups: Group[], at: number): void {
  const [first, second] = [groups[at] as Group, groups[at + 1] as Group];
  groups[at] = second;
  groups[at + 1] = first;
  first.at = at + 1;
  second.at = at;
}
