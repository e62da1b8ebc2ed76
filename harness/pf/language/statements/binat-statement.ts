/**
 * `binat` of the era `rdr-anchor`: one address for another, in both directions. It has no lists: of several interfaces
 * and protocols pfctl takes the first.
 *
 * binat = ["no"] "binat" ["pass"] [log] ["on" interfaces] [family] ["proto" protocols] "from" hosts ["to" hosts]
 *         ["tag" name] [["!"] "tagged" name] ["rtable" N] ["->" host ["port" port]]
 */

import type { AddressSpec, Pool, RuleEnd } from "../../rule.ts";
import { host, hostsOrAny } from "../clauses/host-clause.ts";
import { portSpec } from "../clauses/ports.ts";
import { addressFamily, onInterfaces, protocols } from "../clauses/rule-head.ts";
import type { Context } from "../context.ts";
import { type Draft, dynamicFor, emptyDraft } from "../expansion/draft.ts";
import { addOldRule } from "../expansion/old-rules.ts";
import { severalAddresses } from "../expansion/pools.ts";
import type { HostNode } from "../nodes.ts";
import type { Reader } from "../tokens/reader.ts";
import { checkTags, passLog, tagsAndTable } from "./translation-words.ts";

type Hosts = readonly HostNode[] | undefined;

/** At `binat`; `exempt` if `no` stood before. */
export function binatStatement(context: Context, exempt: boolean): void {
  const { reader } = context;
  const place = { file: reader.file, line: reader.line };
  reader.take();
  const { pass, log } = passLog(context, exempt);
  const [on] = onInterfaces(context) ?? [];
  const written = addressFamily(reader);
  const [protocol] = protocols(reader) ?? [];
  reader.expect("from");
  const sources = hostsOrAny(context);
  const destinations = reader.accept("to") ? hostsOrAny(context) : undefined;
  const draft = emptyDraft("pass", place, undefined, undefined);
  tagsAndTable(context, draft);
  const targets = reader.accept("->") ? host(context) : undefined;
  if (targets !== undefined && reader.accept("port")) portSpec(reader, { range: true, star: true });
  reader.endOfStatement();

  context.inOrder("translation");
  if (destinations?.some(({ spec }) => spec.kind === "urpf-failed")) {
    reader.fail('"urpf-failed" is not permitted as a binat destination');
  }
  const family = written ?? sources?.[0]?.family ?? destinations?.[0]?.family ?? targets?.[0]?.family;
  if (family === undefined) {
    reader.fail("address family (inet/inet6) undefined");
    return;
  }
  draft.family = family;
  if (on?.name !== undefined) draft.interface = { name: on.name, negated: on.negated };
  checkTags(context, draft);
  draft.protocol = protocol;
  draft.log = log;
  draft.translation = { type: "binat", exempt, pass };
  refuseSeveral(reader, sources, "the source address");
  refuseSeveral(reader, targets, "the redirect address");
  draft.source = end(context, draft, sources, false);
  draft.destination = end(context, draft, destinations, true);
  draft.routePool = target(context, draft, sources?.[0], targets, exempt);
  addOldRule(context, draft);
}

function refuseSeveral(reader: Reader, hosts: Hosts, what: string): void {
  for (const { spec } of hosts ?? []) {
    if (spec.kind === "table") reader.fail(`invalid use of table <${spec.name}> as ${what} of a binat rule`);
  }
  for (const { spec } of hosts ?? []) {
    if (spec.kind === "dynamic" && severalAddresses(spec)) {
      reader.fail(`invalid use of interface (${spec.interface}) as ${what} of a binat rule`);
    }
  }
}

const address = ({ release }: Context, spec: AddressSpec, { family }: Draft): AddressSpec =>
  dynamicFor(spec, family, release.dynamicMasks);

function end(context: Context, draft: Draft, hosts: Hosts, negatable: boolean): RuleEnd {
  const { reader } = context;
  const [first, second] = hosts ?? [];
  if (first === undefined) return { address: { kind: "any" }, negated: false };
  if (second !== undefined) reader.fail("multiple binat ip addresses");
  if (first.family !== undefined && first.family !== draft.family) reader.fail("binat ip versions must match");
  checkMask(context, draft, first);
  return { address: address(context, first.spec, draft), negated: negatable && first.negated };
}

function checkMask(context: Context, { family }: Draft, { spec, prefix }: HostNode): void {
  if (family !== "inet" || prefix <= 32 || (spec.kind !== "network" && spec.kind !== "any")) return;
  context.remark(`netmask ${prefix} invalid for IPv4 address`);
  context.reader.abandon();
}

function target(
  context: Context,
  draft: Draft,
  source: HostNode | undefined,
  targets: Hosts,
  exempt: boolean,
): Pool | undefined {
  const { reader } = context;
  if (exempt) return targets === undefined ? undefined : reader.fail("'no binat' rule does not need '->'");
  if (targets === undefined) return reader.fail("'binat' rule requires '-> address'");
  const [first, second] = targets.filter(({ family }) => family === undefined || family === draft.family);
  if (first === undefined) return reader.fail("no translation address with matching address family found.");
  if (second !== undefined) return reader.fail("binat rule must redirect to a single address");
  checkMask(context, draft, first);
  if (source !== undefined && source.prefix !== 0 && bits(source, draft) !== bits(first, draft)) {
    return reader.fail("'binat' source mask and redirect mask must be the same");
  }
  return { address: address(context, first.spec, draft) };
}

/** An interface has the mask of a host. */
const bits = ({ prefix, spec }: HostNode, { family }: Draft): number =>
  spec.kind === "dynamic" ? Math.min(prefix, family === "inet" ? 32 : 128) : prefix;
