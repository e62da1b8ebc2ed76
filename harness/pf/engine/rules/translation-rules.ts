/**
 * Translation rules of the era `rdr-anchor` (OpenBSD before 4.7, FreeBSD) as today's rules: each becomes a rule
 * that matches and translates, in a separate list that is tested first.
 *
 * `binat on em0 from 10.0.0.1 to any -> 192.0.2.1` becomes a nat-to for packets that leave and an rdr-to for those that
 * come.
 */

import type {
  AnchorRule,
  Criteria,
  FilterRule,
  Pool,
  Translation,
  TranslationAnchor,
  TranslationRule,
} from "../../rule.ts";

/** A translation anchor as an anchor rule. */
export function asAnchorRule({ type: _type, kind: _kind, rules: _rules, ...rest }: TranslationAnchor): AnchorRule {
  return { ...rest, kind: "anchor" };
}

/** One rule, or two for binat; exemptions translate nothing. */
export function asFilterRules(translation: TranslationRule): readonly FilterRule[] {
  const { type, pool, source, destination } = translation;
  switch (type) {
    case "nat":
      return [rule(translation, "out", pool && { natTo: pool })];
    case "rdr":
      return [rule(translation, "in", pool && { rdrTo: pool })];
    case "binat": {
      const outward = rule(translation, "out", pool && { natTo: { ...mapped(pool), port: { from: 0, to: 0 } } });
      if (pool === undefined) return [outward, rule(translation, "in", undefined)];
      const inward = rule(translation, "in", { rdrTo: mapped({ address: source.address }) });
      return [outward, { ...inward, source: destination, destination: { address: pool.address, negated: false } }];
    }
  }
}

/** A network keeps its hosts apart. */
function mapped(pool: Pool): Pool {
  const { address } = pool;
  const whole = address.kind === "network" && address.prefix === (address.family === "inet" ? 32 : 128);
  return whole ? pool : { ...pool, type: "bitmask" };
}

function rule(
  { type: _type, kind: _kind, exempt: _exempt, pass: _pass, pool: _pool, ...rest }: TranslationRule,
  direction: "in" | "out",
  target: Pick<FilterRule, "natTo" | "rdrTo"> | undefined,
): FilterRule {
  const { log, tag, rtable, line, ...others } = rest;
  const criteria: Criteria = others;
  return {
    ...criteria,
    kind: "filter",
    line,
    action: "match",
    state: "none",
    direction,
    ...(log !== undefined && { log }),
    ...(tag !== undefined && { tag }),
    ...(rtable !== undefined && { rtable }),
    ...target,
  };
}

/** Order of the lists (pf.c before 4.7): binat before nat for outgoing packets, rdr before binat for incoming ones. */
export const ORDER = { out: ["binat", "nat"], in: ["rdr", "binat"] } as const;

export const isAnchor = (translation: Translation): translation is TranslationAnchor =>
  translation.kind === "translation-anchor";
