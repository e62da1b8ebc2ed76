/**
 * `pass`, `match` and `block`.
 *
 * rule   = action ["in" | "out"] [log] ["quick"] ["on" interfaces] [family] ["proto" protocols] ends options
 * action = "pass" | "match" | "block" ["drop" | "return" | "return-rst" ["(" "ttl" N ")"]
 *          | "return-icmp" ["(" code ["," code6] ")"] | "return-icmp6" ["(" code6 ")"]]
 */

import { PROTOCOL } from "../../packet.ts";
import type { BlockReturn, FilterRule, ScrubActions, SetActions, StateOptions } from "../../rule.ts";
import { type FilterOptions, filterOptions } from "../clauses/filter-options.ts";
import { returnCode } from "../clauses/match-options.ts";
import { routePoolWithInterfaces } from "../clauses/pool-clause.ts";
import { direction, familyOf, type Head, head, logQuick } from "../clauses/rule-head.ts";
import { stateOptions } from "../clauses/state-options.ts";
import type { Context } from "../context.ts";
import { type Draft, emptyDraft } from "../expansion/draft.ts";
import { expandRule } from "../expansion/expand.ts";
import { settledPool } from "../expansion/listed-pools.ts";
import { PORT_UNREACHABLE, UNREACHABLE } from "../names/icmp.ts";
import { afterOptions } from "../tokens/follow.ts";
import { LABEL_SIZE } from "../tokens/limits.ts";
import type { Reader } from "../tokens/reader.ts";

const unreachable = { code: PORT_UNREACHABLE.inet, code6: PORT_UNREACHABLE.inet6 };

function blockAnswer(context: Context): BlockReturn {
  const { reader } = context;
  switch (reader.peek()) {
    case "drop":
      reader.take();
      return { kind: "drop" };
    case "return":
      reader.take();
      return { kind: "return" };
    case "return-rst": {
      reader.take();
      if (!reader.accept("(")) return { kind: "return-rst" };
      reader.expect("ttl");
      const ttl = reader.number();
      reader.expect(")");
      if (ttl < 0 || ttl > 255) reader.fail(`illegal ttl value ${ttl}`);
      return ttl === 0 ? { kind: "return-rst" } : { kind: "return-rst", ttl };
    }
    case "return-icmp": {
      reader.take();
      if (!reader.accept("(")) return { kind: "return-icmp", ...unreachable };
      const code = returnCode(reader, "inet");
      // pfctl puts the IPv4 type and code in the place of the ICMPv6 ones.
      const rest = { code6: PORT_UNREACHABLE.inet, type6: UNREACHABLE.inet };
      if (reader.accept(")")) return { kind: "return-icmp", code, ...rest };
      reader.accept(",");
      const code6 = returnCode(reader, "inet6");
      reader.expect(")");
      return { kind: "return-icmp", code, code6 };
    }
    case "return-icmp6": {
      reader.take();
      if (!reader.accept("(")) return { kind: "return-icmp", ...unreachable };
      const code6 = returnCode(reader, "inet6");
      reader.expect(")");
      return { kind: "return-icmp", code: PORT_UNREACHABLE.inet, code6 };
    }
    default:
      return { kind: context.options.blockPolicy ?? "drop" };
  }
}

/** Puts the options into the rule, checking those that need nothing else. */
export function fillOptions(context: Context, options: FilterOptions, draft: Draft): void {
  const { reader } = context;
  if (options.once && (draft.action === "match" || draft.anchor)) {
    reader.fail("'once' only applies to pass/block rules");
  }
  for (const tag of [options.tag, options.tagged?.tag]) {
    if (tag !== undefined && tag.length >= LABEL_SIZE) reader.fail(`tag too long, max ${LABEL_SIZE - 1} chars`);
  }
  for (const label of options.labels ?? []) checkLabel(reader, label);
  if (options.afTo) {
    if (draft.direction !== "in") reader.fail("af-to can only be used with direction in");
    if (options.route) reader.fail("af-to cannot be used together with route-to, reply-to, dup-to");
  }
  if (options.flags && (options.flags.set & options.flags.mask) !== options.flags.set) {
    reader.fail("flags always false");
  }
  const { flags } = options;
  draft.labels = options.labels ?? [];
  draft.ridentifier = options.ridentifier;
  draft.dummynet = options.dummynet;
  draft.tag = options.tag ?? "";
  draft.state = options.state?.kind ?? "none";
  if (options.tagged && options.tagged.tag !== "") draft.tagged = options.tagged;
  draft.rtable = options.rtable;
  draft.allowOpts = options.allowOpts ?? false;
  draft.once = options.once ?? false;
  draft.tos = options.tos;
  draft.prio = options.prio;
  draft.maxPacketRate = options.maxPacketRate;
  draft.maxPacketSize = options.maxPacketSize;
  draft.probability = options.probability;
  draft.fragment = options.fragment ?? false;
  if (flags && (flags.set !== 0 || flags.mask !== 0)) draft.flags = flags;
  draft.afTo = options.afTo ?? false;
  const setTos = options.setTos ?? options.scrub?.setTos;
  draft.set = actionsOf({ ...options, ...(setTos !== undefined && { setTos }) });
  draft.scrub = scrubOf(options.scrub);
}

export function checkLabel(reader: Reader, label: string | undefined): void {
  if (label !== undefined && label.length >= LABEL_SIZE) {
    reader.fail(`rule label too long (max ${LABEL_SIZE - 1} chars)`);
  }
}

function actionsOf({ setPrio, queue, setTos, delay }: FilterOptions): SetActions | undefined {
  if (setPrio === undefined && queue === undefined && setTos === undefined && delay === undefined) return undefined;
  return {
    ...(setPrio && { prio: setPrio[0] === setPrio[1] ? [setPrio[0]] : setPrio }),
    ...(queue && { queue }),
    ...(setTos !== undefined && { tos: setTos }),
    ...(delay !== undefined && { delay }),
  };
}

/** A limit of 0 is none. */
function scrubOf(scrub: ScrubActions | undefined): ScrubActions | undefined {
  if (scrub === undefined) return undefined;
  const { minTtl, maxMss, ...rest } = scrub;
  const kept = { ...rest, ...(minTtl && { minTtl }), ...(maxMss && { maxMss }) };
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** `flags` and `os` need tcp among the protocols, if any are given. */
export function checkTcpOnly(
  reader: Reader,
  { flags }: Draft,
  { protocols, ends: { os } }: Head,
  osComplaint: string,
): void {
  if ((flags === undefined && os === undefined) || (protocols?.includes(PROTOCOL.tcp) ?? true)) return;
  if (flags !== undefined) reader.error("flags only apply to tcp");
  if (os !== undefined) reader.fail(osComplaint);
  reader.abandon();
}

function divertOf(context: Context, draft: Draft, given: FilterOptions["divert"]): FilterRule["divert"] {
  const { reader } = context;
  switch (given?.kind) {
    case undefined:
      return undefined;
    case "divert-reply":
      return draft.direction === "in" ? reader.fail("divert-reply used with incoming rule") : { kind: given.kind };
    case "divert-socket":
    case "divert-packet":
      return { kind: given.kind, port: given.port };
    case "divert-to": {
      if (draft.direction === "out") return reader.fail("divert-to used with outgoing rule");
      const hosts = given.hosts ?? [];
      const host = draft.family === undefined ? hosts[0] : hosts.find(({ family }) => family === draft.family);
      if (host === undefined) return reader.fail("divert-to address family mismatch");
      draft.family ??= host.family;
      const { spec } = host;
      const any = host.family === "inet" ? "0.0.0.0" : "::";
      return { kind: given.kind, address: spec.kind === "network" ? spec.address : any, port: given.port };
    }
  }
}

function stateOf(context: Context, options: FilterOptions, draft: Draft): StateOptions | undefined {
  let clause = options.state ?? { kind: "none", items: [] };
  // pass keeps state unless told otherwise.
  if (options.state === undefined && draft.action === "pass") {
    clause = { kind: "keep", items: context.stateDefaults ?? [] };
  }
  draft.state = clause.kind;
  return stateOptions(context, clause);
}

/** A route before the family, where the release has it there. */
function earlyRoute(context: Context): FilterOptions["route"] {
  const { reader, release } = context;
  const kind = reader.peek();
  if (!release.routeFirst) return undefined;
  reader.accept("fastroute");
  if (kind !== "route-to" && kind !== "reply-to" && kind !== "dup-to") return undefined;
  reader.take();
  return { kind, pool: routePoolWithInterfaces(context) };
}

/** At the action word. */
export function ruleStatement(context: Context): void {
  const { reader } = context;
  const { file, line } = reader;
  const action = reader.peek() as "pass" | "match" | "block";
  reader.take();
  const answer = action === "block" ? blockAnswer(context) : undefined;
  const toward = direction(reader);
  const { log, quick } = logQuick(context);
  let early: FilterOptions["route"];
  const criteria = head(context, () => {
    early = earlyRoute(context);
  });
  const options = filterOptions(context);
  if (early !== undefined) options.route = early;
  if (Object.keys(options).length === 0) reader.endOfStatement();
  else reader.followedBy(afterOptions);

  if (context.release.routeFirst) reader.endOfStatement();
  context.inOrder("filtering");
  const draft = emptyDraft(action, { file, line }, toward, familyOf(criteria));
  fillOptions(context, options, draft);
  draft.answer = answer;
  draft.log = log;
  draft.quick = quick;
  checkTcpOnly(reader, draft, criteria, "OS fingerprinting only apply to tcp");
  draft.stateOptions = stateOf(context, options, draft);
  if (action === "pass" && !draft.flags && !options.fragment && !options.flags && draft.state !== "none") {
    draft.flags = { set: 0x02, mask: 0x12 };
  }
  if (options.route) {
    if ((context.release.routeFirst || options.route.kind !== "dup-to") && toward === undefined) {
      reader.fail("direction must be explicit with rules that specify routing");
    }
    draft.route = options.route.kind;
    if (context.release.routeFirst) {
      options.route = { ...options.route, pool: settledPool(context, draft, options.route.pool, "route") };
    }
  }
  draft.divert = divertOf(context, draft, options.divert);
  const { nat, rdr, route, users, groups, icmp, receivedOn } = options;
  const { interfaces, protocols, ends } = criteria;
  const lists = { interfaces, protocols, ends, users, groups, icmp, receivedOn };
  expandRule(context, draft, lists, { nat, rdr, route: route?.pool });
}
