/**
 * Why a packet was not decided by the rule that should have: the questions that checks ask of a step.
 */

import type { RulePosition } from "../../pf/decision.ts";
import { anchorTarget } from "../../pf/engine/rules/rulesets.ts";
import { type Consideration, CRITERIA } from "../../pf/engine/rules/trace.ts";
import type { AnchorRule, Rule } from "../../pf/rule.ts";
import type { Analysis } from "./analysis.ts";
import type { Rehearsal, Step, StepName } from "./rehearsal.ts";

export const step = ({ steps }: Rehearsal, name: StepName): Step => steps.find((one) => one.name === name) as Step;

/** The rule that decided; undefined if none did, and the packet passed by default. */
export const decider = ({ judged }: Step): RulePosition | undefined =>
  judged.rules.findLast(({ path }) => judged.met.find((met) => met.path === path)?.rule.filter?.action !== "match");

/** No rule was asked: the interface is one of `set skip`. */
export const isSkipped = ({ judged }: Step): boolean => judged.skipped;

export type Reached =
  | { readonly kind: "matched"; readonly met: Consideration }
  | { readonly kind: "missed"; readonly met: Consideration }
  /** A quick rule ended the evaluation before. */
  | { readonly kind: "not-reached" };

/** How near the packet came to a rule of that kind. */
export function reached({ judged }: Step, wanted: (met: Consideration) => boolean): Reached {
  const met = judged.met.filter(wanted);
  const matched = met.find(({ missed }) => missed === undefined);
  if (matched !== undefined) return { kind: "matched", met: matched };
  // Of those that miss, the one that fits furthest.
  const furthest = [...met].sort((a, b) => depth(b) - depth(a))[0];
  return furthest === undefined ? { kind: "not-reached" } : { kind: "missed", met: furthest };
}

const depth = ({ missed }: Consideration): number =>
  missed === undefined ? CRITERIA.length : CRITERIA.indexOf(missed);

/** An anchor rule that calls the anchors of ftp-proxy's sessions. */
export const callsSessions = ({ rule }: Consideration): boolean => rule.wildcard && rule.anchor?.path === "ftp-proxy";

export interface PlacedAnchor {
  readonly rule: AnchorRule;
  /** Full path of what it calls, `*` left out. */
  readonly target: string;
  readonly wildcard: boolean;
}

/** All anchor rules, with what they call. */
export function placedAnchors({ ruleset }: Pick<Analysis, "ruleset">): readonly PlacedAnchor[] {
  const walk = (rules: readonly Rule[], path: string): readonly PlacedAnchor[] =>
    rules.flatMap((rule) => {
      if (rule.kind !== "anchor") return [];
      const target = anchorTarget(path, rule);
      const wildcard = rule.name === "*" || (rule.name?.endsWith("/*") ?? false);
      return [{ rule, target, wildcard }, ...walk(rule.rules ?? [], target)];
    });
  return walk(ruleset.rules, "");
}

/** The rule that changed what a later rule saw of the packet: the last match rule before it that translates. */
export function translator(
  { judged }: Step,
  before: Consideration,
  name: "natTo" | "rdrTo",
): Consideration | undefined {
  const earlier = judged.met.slice(0, judged.met.indexOf(before));
  return earlier.findLast(({ missed, rule }) => missed === undefined && rule.filter?.[name] !== undefined);
}
