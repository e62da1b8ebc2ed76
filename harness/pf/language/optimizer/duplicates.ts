/**
 * First pass of the optimizer: rules that another one of their block covers go.
 * `pass in proto tcp to 10.0.0.1` goes beside `pass in proto tcp to 10.0.0.0/8`.
 */

import { mask } from "../../inet.ts";
import type { AddressSpec } from "../../rule.ts";
import { type Compared, type End, grouped, type Loose, type LooseEnd } from "./comparable.ts";

export function withoutDuplicates(block: readonly Compared[]): readonly Compared[] {
  const rules = block.map(({ loose }) => loose);
  const related = [relatedBy(rules, "source"), relatedBy(rules, "destination")] as const;
  const gone = new Set<number>();
  for (const [one, a] of rules.entries()) {
    if (gone.has(one)) continue;
    const [bySource, byDestination] = [related[0](a), related[1](a)];
    for (const other of bySource.length < byDestination.length ? bySource : byDestination) {
      const b = rules[other];
      if (b === undefined || other <= one || gone.has(other)) continue;
      if (covers(a, b)) gone.add(other);
      else if (covers(b, a)) {
        gone.add(one);
        break;
      }
    }
  }
  return block.filter((_, index) => !gone.has(index));
}

/**
 * Finds the rules that could cover another one or be covered, in order, by one of the two ends: those with the same
 * address there, and those with networks. Without it lists of many hosts would take quadratic time.
 */
function relatedBy(rules: readonly Loose[], which: End): (rule: Loose) => readonly number[] {
  const all = [...rules.keys()];
  const wide = all.filter((index) => isWide((rules[index] as Loose)[which]));
  const narrow = all.filter((index) => !isWide((rules[index] as Loose)[which]));
  const byAddress = grouped(narrow, (index) => (rules[index] as Loose)[which].address);
  return (rule) => {
    const end = rule[which];
    if (isWide(end)) return all;
    const alike = byAddress.get(end.address) ?? [];
    return wide.length === 0 ? alike : [...alike, ...wide].sort((a, b) => a - b);
  };
}

const isWide = ({ spec, words }: LooseEnd): boolean =>
  spec.kind === "any" || (spec.kind === "network" && spec.prefix < 32 * words.length);

/** Whether all packets of `narrow` are packets of `wide`, as far as pfctl sees it: field by field. */
function covers(wide: Loose, narrow: Loose): boolean {
  const anyProtocol = wide.protocol === 0;
  return (
    wide.others === narrow.others &&
    (anyProtocol || wide.protocol === narrow.protocol) &&
    (wide.flags === "" || wide.flags === narrow.flags) &&
    (wide.interface === "" || wide.interface === narrow.interface) &&
    (wide.direction === "" || wide.direction === narrow.direction) &&
    (wide.family === "" || wide.family === narrow.family) &&
    endCovers(wide, narrow, "source") &&
    endCovers(wide, narrow, "destination")
  );
}

function endCovers(wide: Loose, narrow: Loose, which: End): boolean {
  const [a, b] = [wide[which], narrow[which]];
  if (a.port !== "" && a.port !== b.port) return false;
  if (a.address === b.address || (isAny(a.spec) && !a.negated)) return true;
  return wide.family === narrow.family && isWithin(b, a);
}

const isAny = (spec: AddressSpec): boolean => spec.kind === "any" || (spec.kind === "network" && spec.prefix === 0);

function isWithin(narrow: LooseEnd, wide: LooseEnd): boolean {
  if (narrow.spec.kind !== "network" || wide.spec.kind !== "network") return false;
  const { prefix } = wide.spec;
  return prefix < narrow.spec.prefix && mask(narrow.words, prefix).every((word, index) => word === wide.words[index]);
}
