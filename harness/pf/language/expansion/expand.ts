/**
 * Expands one text rule into kernel rules: the product of its lists, outermost loop first: interface, protocol, icmp
 * type, source, destination, source port, destination port, os, user, group (parse.y 1.718: expand_rule).
 *
 * `pass proto tcp from { a b } to any port { 1 2 }` gives a/1, a/2, b/1, b/2. Combinations whose families differ are
 * left out; if nothing remains, that is an error.
 */

import { type Family, PROTOCOL } from "../../packet.ts";
import type { Pool, RangeOperator, RuleEnd } from "../../rule.ts";
import { interfaceNumber } from "../clauses/resolve-host.ts";
import type { Context } from "../context.ts";
import type { HostNode, Lists, PoolNode } from "../nodes.ts";
import { Fatal, MAX_COMBINATIONS } from "../tokens/limits.ts";
import { type Axes, advance, axesOf, axisNames, type Combination, pick } from "./axes.ts";
import { checkBinat, twinAxes, twinPool } from "./binat.ts";
import { consistent } from "./checks.ts";
import { type Draft, dynamicFor, finishRule } from "./draft.ts";
import { expandLabel, expandNumber } from "./labels.ts";
import { listedPool, sameFamily } from "./listed-pools.ts";
import { addOldRule, oldRuleFits } from "./old-rules.ts";
import { collapse, finishPool } from "./pools.ts";

export interface Translations {
  readonly nat?: PoolNode | undefined;
  readonly rdr?: PoolNode | undefined;
  readonly route?: PoolNode | undefined;
  /** Pools that were judged before the expansion. */
  readonly ready?: { readonly nat?: Pool; readonly rdr?: Pool; readonly route?: Pool };
}

/** Adds the rules to the current ruleset, and changes `draft`. */
export function expandRule(context: Context, draft: Draft, lists: Lists, translations: Translations = {}): void {
  const { name, negated = false } = lists.receivedOn ?? {};
  draft.receivedOn = name === undefined ? undefined : { name, negated };
  expandAxes(context, draft, axesOf(lists), translations);
}

function expandAxes(context: Context, draft: Draft, axes: Axes, translations: Translations): void {
  const { reader } = context;
  const { family, labels, tag, tagged, flags, state, direction } = draft;
  const { nat } = translations;
  const at = axisNames.map(() => 0);
  let added = 0;
  let failed = false;
  do {
    if (++context.combinations > MAX_COMBINATIONS) throw new Fatal(`more than ${MAX_COMBINATIONS} rules`);
    draft.family = family;
    draft.labels = labels;
    draft.tag = tag;
    draft.tagged = tagged;
    const each = pick(axes, at);
    const listed = context.release.routeFirst;
    const pools = listed ? { wrong: false } : collapseAll(context, draft, translations);
    failed ||= pools.wrong;
    if (!familiesAgree(context, draft, each)) continue;
    settle(context, draft, axes, at, each);
    if (!masksFit(context, draft, each)) failed = true;
    const isTcp = each.protocol === undefined || each.protocol === PROTOCOL.tcp;
    draft.state = !isTcp && (state === "modulate" || state === "synproxy") ? "keep" : state;
    draft.flags = isTcp ? flags : undefined;
    if (each.icmp !== undefined && each.protocol !== each.icmp.protocol) {
      reader.error("icmp-type mismatch");
      failed = true;
    }
    const natTarget = listed ? nat && sameFamily(draft, nat) : pools.nat;
    if (nat?.binat) {
      if (!checkBinat(context, draft, family, each.source, natTarget)) failed = true;
      draft.direction = "out";
    }
    const finished = listed ? listAll(context, draft, translations) : finishAll(context, draft, translations, pools);
    if (!finished) failed = true;
    const isFilter = draft.translation === undefined && draft.scrubRule === undefined;
    const fits = draft.translation === undefined ? consistent(context, draft) : oldRuleFits(context, draft);
    if (fits && !failed) {
      if (isFilter) context.filling.rules.push(finishRule(draft));
      else addOldRule(context, draft);
      added++;
      context.filling.added++;
    } else reader.error("skipping rule due to errors");
    draft.direction = direction;
    if (nat?.binat && !failed) {
      const inward: Draft = { ...draft, direction: "in" };
      expandAxes(context, inward, twinAxes(axes, at, natTarget?.address), { rdr: twinPool(nat, each.source) });
    }
  } while (advance(at, axes));
  if (added === 0) reader.error("rule expands to no valid combination");
}

type Pools = { readonly [K in "nat" | "rdr" | "route"]?: ReturnType<typeof collapse>["pool"] } & {
  readonly wrong: boolean;
};

/** In pfctl's order: rdr before nat before route. */
function collapseAll(context: Context, draft: Draft, { nat, rdr, route }: Translations): Pools {
  if (nat === undefined && rdr === undefined && route === undefined) return { wrong: false };
  const forRdr = collapse(context, draft, rdr, "rdr");
  const forNat = collapse(context, draft, nat, "nat");
  const forRoute = collapse(context, draft, route, "route");
  return {
    ...(forRdr.pool && { rdr: forRdr.pool }),
    ...(forNat.pool && { nat: forNat.pool }),
    ...(forRoute.pool && { route: forRoute.pool }),
    wrong: forRdr.wrong || forNat.wrong || forRoute.wrong,
  };
}

function finishAll(context: Context, draft: Draft, { nat, rdr, route }: Translations, pools: Pools): boolean {
  draft.nat = undefined;
  draft.rdr = undefined;
  draft.routePool = undefined;
  if (nat === undefined && rdr === undefined && route === undefined) return true;
  const { port } = draft.destination;
  const forNat = nat && finishPool(context, draft, pools.nat, nat, "nat", port);
  if (forNat?.pool) draft.nat = forNat.pool;
  const forRdr = rdr && finishPool(context, draft, pools.rdr, rdr, "rdr", port);
  if (forRdr?.pool) draft.rdr = forRdr.pool;
  const forRoute = route && finishPool(context, draft, pools.route, route, "route", port);
  if (forRoute?.pool) draft.routePool = forRoute.pool;
  return !forNat?.wrong && !forRdr?.wrong && !forRoute?.wrong;
}

/** As {@link finishAll}, for pools that keep their lists. */
function listAll(context: Context, draft: Draft, { nat, rdr: given, route, ready }: Translations): boolean {
  // af-to without `to` has no second pool.
  const rdr = given?.hosts.length === 0 ? undefined : given;
  const forRdr = rdr && listedPool(context, draft, rdr, "rdr");
  const forNat = nat && listedPool(context, draft, nat, "nat");
  const forRoute = route && listedPool(context, draft, route, "route");
  draft.rdr = forRdr ?? ready?.rdr;
  draft.nat = forNat ?? ready?.nat;
  draft.routePool = forRoute ?? ready?.route;
  return (
    (rdr === undefined || forRdr !== undefined) &&
    (nat === undefined || forNat !== undefined) &&
    (route === undefined || forRoute !== undefined)
  );
}

/** Whether both ends, the rule and the interfaces of link-local addresses fit together. */
function familiesAgree(context: Context, draft: Draft, { on, source, destination }: Combination): boolean {
  const { family } = draft;
  const clash = (a: string | undefined, b: string | undefined) => a !== undefined && b !== undefined && a !== b;
  if (clash(family, source.family) || clash(family, destination.family)) return false;
  if (clash(source.family, destination.family)) return false;
  if (source.scope > 0 && destination.scope > 0 && source.scope !== destination.scope) return false;
  if (on.name !== undefined && (source.scope > 0 || destination.scope > 0)) {
    const number = interfaceNumber(on.name, context.interfaces);
    if (source.scope > 0 && source.scope !== number) return false;
    if (destination.scope > 0 && destination.scope !== number) return false;
  }
  return true;
}

/** Sets the fields that come from lists, and the labels made of them. */
function settle(context: Context, draft: Draft, axes: Axes, at: readonly number[], each: Combination): void {
  const { on, protocol, icmp, source, destination } = each;
  draft.family ??= source.family ?? destination.family;
  const interfaces = context.interfacesRead ? context.interfaces : [];
  const name = on.name ?? (interfaces[source.scope - 1] ?? interfaces[destination.scope - 1])?.name;
  draft.interface = name === undefined ? undefined : { name, negated: on.negated };
  draft.rdomain = on.rdomain === undefined ? undefined : { number: on.rdomain, negated: on.negated };
  draft.protocol = protocol;
  draft.icmp = icmp && (icmp.code === undefined ? { type: icmp.type } : { type: icmp.type, code: icmp.code });
  const { family } = draft;
  draft.source = ruleEnd(context, source, family, axes.sourcePorts[at[5] as number]);
  draft.destination = ruleEnd(context, destination, family, axes.destinationPorts[at[6] as number]);
  draft.os = axes.os[at[7] as number];
  draft.user = axes.users[at[8] as number];
  draft.group = axes.groups[at[9] as number];
  if (draft.labels.some((label) => label.includes("$"))) {
    const { release, filling } = context;
    draft.labels = draft.labels.map((label) => expandLabel(label, draft));
    if (release.routeFirst) draft.labels = draft.labels.map((label) => expandNumber(label, filling.added));
  }
  draft.tag = expandLabel(draft.tag, draft);
  if (draft.tagged?.tag.includes("$")) draft.tagged = { ...draft.tagged, tag: expandLabel(draft.tagged.tag, draft) };
}

function ruleEnd(
  { release }: Context,
  { spec, negated }: HostNode,
  family: Family | undefined,
  port: RangeOperator | undefined,
): RuleEnd {
  const address = dynamicFor(spec, family, release.dynamicMasks);
  return port === undefined ? { address, negated } : { address, negated, port };
}

/** No more than 32 bits on IPv4 addresses. */
function masksFit(context: Context, { family }: Draft, { source, destination }: Combination): boolean {
  let fit = true;
  for (const { spec, prefix } of [source, destination]) {
    if (family !== "inet" || prefix <= 32 || (spec.kind !== "network" && spec.kind !== "any")) continue;
    context.remark(`netmask ${prefix} invalid for IPv4 address`);
    fit = false;
  }
  return fit;
}
