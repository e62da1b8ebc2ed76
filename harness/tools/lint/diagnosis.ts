/**
 * Why a packet of the trial session was not decided by the rule that should have decided it.
 *
 * @example
 * const [packet] = failures(analysis, "control-out", (packet) => [packet])
 * decidingRule(packet)?.line // the line of the block rule
 */

import type { RulePosition } from "../../pf/decision.ts";
import { anchorTarget } from "../../pf/engine/rules/rulesets.ts";
import { type Consideration, CRITERIA } from "../../pf/engine/rules/trace.ts";
import type { AnchorRule, Rule } from "../../pf/rule.ts";
import type { Analysis } from "./analysis.ts";
import type { Endpoints } from "./endpoints.ts";
import type { TrialPacket, TrialPacketName } from "./trial-session.ts";

/** Asks about the packet of that name in each session in which it failed where rules apply. */
export const failures = <T>(
  { sessions }: Analysis,
  name: TrialPacketName,
  ask: (packet: TrialPacket, endpoints: Endpoints) => readonly T[],
): readonly T[] =>
  sessions.flatMap(({ packets, endpoints }) =>
    packets.filter((one) => one.name === name && !one.ok && !isSkipped(one)).flatMap((one) => ask(one, endpoints)),
  );

/** Undefined if no rule decided, and the packet passed by default. */
export const decidingRule = ({ result }: TrialPacket): RulePosition | undefined =>
  result.rules.findLast(({ path }) => result.met.find((met) => met.path === path)?.rule.filter?.action !== "match");

/** Did the deciding rule end the evaluation? */
export const isDecidedByQuick = (packet: TrialPacket): boolean => {
  const by = decidingRule(packet);
  return packet.result.met.find(({ path }) => path === by?.path)?.rule.rule.quick === true;
};

/** No rule was asked: the interface is one of `set skip`. */
export const isSkipped = ({ result }: TrialPacket): boolean => result.skipped;

export type Reached =
  | { readonly kind: "matched"; readonly met: Consideration }
  | { readonly kind: "missed"; readonly met: Consideration }
  /** A quick rule ended the evaluation first. */
  | { readonly kind: "not-reached" };

/** How far the packet got with rules of that kind. */
export function reached({ result }: TrialPacket, wanted: (met: Consideration) => boolean): Reached {
  const met = result.met.filter(wanted);
  const matched = met.find(({ missed }) => missed === undefined);
  if (matched !== undefined) return { kind: "matched", met: matched };
  // Of the rules that do not match, the one with the most criteria met.
  const furthest = [...met].sort((a, b) => depth(b) - depth(a))[0];
  return furthest === undefined ? { kind: "not-reached" } : { kind: "missed", met: furthest };
}

const depth = ({ missed }: Consideration): number =>
  missed === undefined ? CRITERIA.length : CRITERIA.indexOf(missed);

/** An anchor rule that calls the anchors of ftp-proxy's sessions. */
export const callsSessions = ({ rule }: Consideration): boolean => rule.wildcard && rule.anchor?.path === "ftp-proxy";

export interface CalledAnchor {
  readonly rule: AnchorRule;
  /** Full path of what it calls, `*` left out. */
  readonly target: string;
  readonly wildcard: boolean;
}

/** All anchor rules, with what they call. */
export function calledAnchors({ ruleset }: Pick<Analysis, "ruleset">): readonly CalledAnchor[] {
  const walk = (rules: readonly Rule[], path: string): readonly CalledAnchor[] =>
    rules.flatMap((rule) => {
      if (rule.kind !== "anchor") return [];
      const target = anchorTarget(path, rule);
      const wildcard = rule.name === "*" || (rule.name?.endsWith("/*") ?? false);
      return [{ rule, target, wildcard }, ...walk(rule.rules ?? [], target)];
    });
  return walk(ruleset.rules, "");
}

/** The last match rule before a rule that translated the packet, and so changed what that rule saw. */
export function translator(
  { result }: TrialPacket,
  before: Consideration,
  name: "natTo" | "rdrTo",
): Consideration | undefined {
  const earlier = result.met.slice(0, result.met.indexOf(before));
  return earlier.findLast(({ missed, rule }) => missed === undefined && rule.filter?.[name] !== undefined);
}
