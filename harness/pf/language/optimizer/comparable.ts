/**
 * A filter rule as pfctl's optimizer compares it. Rules of one block have equal `fixed` parts: they may change places.
 * Two of them become one if their `loose` parts fit, too.
 *
 * Source: pfctl_optimize.c 1.33 (pf_rule_desc), and the random files that pfctl of OpenBSD 7.8 optimized.
 */

import { parseInet, parseInet6, type Words } from "../../inet.ts";
import type { AddressSpec, FilterRule, Rule, RuleEnd } from "../../rule.ts";

/** The criteria of a rule that may differ from its neighbours', each in a form that `===` compares. */
export interface Loose {
  readonly interface: string;
  readonly direction: string;
  readonly family: string;
  readonly protocol: number;
  readonly flags: string;
  readonly source: LooseEnd;
  readonly destination: LooseEnd;
  /** All others, negations included, which the optimizer only compares. */
  readonly others: string;
}

/** A rule, and how it is compared. */
export interface Compared {
  readonly rule: FilterRule;
  readonly loose: Loose;
}

export type End = "source" | "destination";

export interface LooseEnd {
  readonly spec: AddressSpec;
  readonly address: string;
  readonly negated: boolean;
  readonly port: string;
  /** Of a network or address, to compare it with a wider one. */
  readonly words: Words;
}

/** Text that is equal for equal values, in whatever order their fields were written. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, field: unknown) =>
    typeof field === "object" && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  ) ?? "";

/** `Map.groupBy`, which Node has since 21. */
export function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

export function looseOf(rule: FilterRule): Loose {
  const { answer } = rule;
  return {
    interface: rule.interface?.name ?? "",
    direction: rule.direction ?? "",
    family: rule.family ?? "",
    protocol: rule.protocol ?? 0,
    flags: canonical(rule.flags),
    source: looseEnd(rule.source),
    destination: looseEnd(rule.destination),
    others: canonical([
      // pfctl has one flag for `on ! em0` and `on ! rdomain 1`.
      rule.interface?.negated ?? rule.rdomain?.negated ?? false,
      rule.source.negated,
      rule.destination.negated,
      rule.rdomain?.number,
      rule.sourceOs,
      rule.user,
      rule.group,
      rule.icmp,
      rule.tos,
      rule.tagged,
      rule.stateOptions?.timeouts,
      rule.afTo?.family,
      answer?.kind === "return-icmp" ? [answer.code, answer.code6, answer.type6] : undefined,
    ]),
  };
}

function looseEnd({ address, negated, port }: RuleEnd): LooseEnd {
  const words = address.kind === "network" ? (parseInet(address.address) ?? parseInet6(address.address) ?? []) : [];
  return { spec: address, address: canonical(address), negated, port: canonical(port), words };
}

/** The rest of the rule. Values of `max-mss`, `min-ttl` and `set tos` are left out, since pfctl does not look at them. */
export function fixedOf(rule: FilterRule): string {
  const { scrub, set, stateOptions, answer } = rule;
  return canonical([
    rule.action,
    rule.quick,
    rule.log,
    rule.tag,
    rule.rtable,
    rule.allowOpts,
    rule.once,
    rule.state,
    rule.prio,
    rule.receivedOn,
    rule.maxPacketRate,
    rule.fragment,
    rule.divert,
    rule.natTo,
    rule.rdrTo,
    rule.route,
    rule.afTo && [rule.afTo.from, rule.afTo.to],
    scrub && { ...scrub, maxMss: undefined, minTtl: undefined },
    set && { ...set, tos: set.tos !== undefined },
    stateOptions && { ...stateOptions, timeouts: undefined },
    answer?.kind,
    answer?.kind === "return-rst" ? answer.ttl : undefined,
  ]);
}

/** Whether the optimizer leaves the rule alone: its place may matter, or each match counts. */
export function staysAlone(rule: Rule): boolean {
  if (rule.kind === "anchor" || rule.label !== undefined || rule.probability !== undefined) return true;
  const { max, maxSrcNodes, maxSrcStates, maxSrcConn, maxSrcConnRate, sourceTrack } = rule.stateOptions ?? {};
  const limits = [max, maxSrcNodes, maxSrcStates, maxSrcConn, maxSrcConnRate];
  return sourceTrack === "rule" || limits.some((limit) => limit !== undefined);
}
