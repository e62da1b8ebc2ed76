/**
 * One text rule into kernel rules: the product of its lists, outermost loop first: interface, protocol, icmp type,
 * source, destination, source port, destination port, os, user, group (parse.y 1.718: expand_rule).
 *
 * `pass proto tcp from { a b } to any port { 1 2 }` gives a/1, a/2, b/1, b/2. Combinations whose families differ are
 * left out; if nothing remains, that is an error.
 */

import { PROTOCOL } from "../packet.ts";
import type { AddressSpec } from "../rule.ts";
import { binatTwin, checkBinat } from "./binat.ts";
import { consistent } from "./checks.ts";
import type { Context } from "./context.ts";
import { type Draft, dynamicFor, finishRule } from "./draft.ts";
import { interfaceNumber } from "./hosts.ts";
import { expandLabel } from "./labels.ts";
import type { HostNode, IcmpNode, InterfaceNode, Lists, PoolNode } from "./nodes.ts";
import { collapse, finishPool } from "./pools.ts";

export interface Translations {
  readonly nat?: PoolNode;
  readonly rdr?: PoolNode;
  readonly route?: PoolNode;
}

const anywhere: HostNode = { spec: { kind: "any" }, prefix: 0, negated: false, scope: 0, weight: 0 };
const anyInterface: InterfaceNode = { negated: false };
const nothing = [undefined];

/** One value for every list. */
interface Combination {
  readonly on: InterfaceNode;
  readonly protocol: number | undefined;
  readonly icmp: IcmpNode | undefined;
  readonly source: HostNode;
  readonly destination: HostNode;
}

/** Adds the rules to the ruleset in hand. `draft` is used up. */
export function expandRule(context: Context, draft: Draft, lists: Lists, translations: Translations): void {
  const { source, destination, os } = lists.ends;
  const shared = { family: draft.family, label: draft.label, tag: draft.tag, tagged: draft.tagged };
  const { flags, state, direction } = draft;
  let added = 0;
  let failed = false;
  for (const on of lists.interfaces ?? [anyInterface])
    for (const protocol of lists.protocols ?? nothing)
      for (const icmp of lists.icmp ?? nothing)
        for (const sourceHost of source.hosts ?? [anywhere])
          for (const destinationHost of destination.hosts ?? [anywhere])
            for (const sourcePort of source.ports ?? nothing)
              for (const destinationPort of destination.ports ?? nothing)
                for (const osName of os ?? nothing)
                  for (const user of lists.users ?? nothing)
                    for (const group of lists.groups ?? nothing) {
                      Object.assign(draft, shared);
                      const each = { on, protocol, icmp, source: sourceHost, destination: destinationHost };
                      const pools = collapseAll(context, draft, translations);
                      failed ||= pools.wrong;
                      if (!familiesAgree(context, draft, each)) continue;
                      draft.source = { address: sourceHost.spec, negated: sourceHost.negated, port: sourcePort };
                      draft.destination = {
                        address: destinationHost.spec,
                        negated: destinationHost.negated,
                        port: destinationPort,
                      };
                      settle(context, draft, each);
                      if (!masksFit(context, draft, each)) failed = true;
                      if (osName === undefined) delete draft.os;
                      else draft.os = osName;
                      if (user === undefined) delete draft.user;
                      else draft.user = user;
                      if (group === undefined) delete draft.group;
                      else draft.group = group;
                      if (lists.receivedOn !== undefined) draft.receivedOn = lists.receivedOn;
                      const isTcp = protocol === undefined || protocol === PROTOCOL.tcp;
                      draft.state = !isTcp && (state === "modulate" || state === "synproxy") ? "keep" : state;
                      if (isTcp && flags !== undefined) draft.flags = flags;
                      else delete draft.flags;
                      if (icmp !== undefined && protocol !== icmp.protocol) {
                        context.reader.error("icmp-type mismatch");
                        failed = true;
                      }
                      const { nat } = translations;
                      if (nat?.binat) {
                        if (!checkBinat(context, draft, shared.family, sourceHost, pools.nat)) failed = true;
                        draft.direction = "out";
                      }
                      if (!finishAll(context, draft, translations, pools)) failed = true;
                      if (!consistent(context.reader, draft) || failed) {
                        context.reader.error("skipping rule due to errors");
                      } else {
                        context.filling.rules.push(finishRule(draft));
                        added++;
                      }
                      draft.direction = direction;
                      if (nat?.binat && !failed) {
                        const twin = binatTwin(draft, each, nat, pools.nat?.address);
                        expandRule(context, twin.draft, twin.lists, twin.translations);
                      }
                    }
  if (added === 0) context.reader.error("rule expands to no valid combination");
}

type Pools = { readonly [K in keyof Translations]: ReturnType<typeof collapse>["pool"] } & { readonly wrong: boolean };

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
  delete draft.nat;
  delete draft.rdr;
  delete draft.routePool;
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

/** Whether both ends, the rule and the interfaces of link-local addresses go together. */
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

/** Family, interface, protocol, labels. */
function settle(context: Context, draft: Draft, { on, protocol, icmp, source, destination }: Combination): void {
  draft.family ??= source.family ?? destination.family;
  const { interfaces } = context;
  const name = on.name ?? (interfaces[source.scope - 1] ?? interfaces[destination.scope - 1])?.name;
  if (name === undefined) delete draft.interface;
  else draft.interface = { name, negated: on.negated };
  if (on.rdomain === undefined) delete draft.rdomain;
  else draft.rdomain = { number: on.rdomain, negated: on.negated };
  draft.protocol = protocol;
  if (icmp === undefined) delete draft.icmp;
  else draft.icmp = icmp.code === undefined ? { type: icmp.type } : { type: icmp.type, code: icmp.code };
  draft.label = expandLabel(draft.label, draft);
  draft.tag = expandLabel(draft.tag, draft);
  if (draft.tagged !== undefined) {
    const tag = expandLabel(draft.tagged.tag, draft);
    if (tag !== draft.tagged.tag) draft.tagged = { ...draft.tagged, tag };
  }
  draft.source.address = forFamily(draft.source.address, draft);
  draft.destination.address = forFamily(draft.destination.address, draft);
}

const forFamily = (spec: AddressSpec, { family }: Draft): AddressSpec => dynamicFor(spec, family);

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
