/**
 * `pass`, `match` and `block`.
 *
 * rule   = action ["in" | "out"] [log] ["quick"] ["on" interfaces] [family] ["proto" protocols] ends options
 * action = "pass" | "match" | "block" ["drop" | "return" | "return-rst" ["(" "ttl" N ")"]
 *          | "return-icmp" ["(" code ["," code6] ")"] | "return-icmp6" ["(" code6 ")"]]
 */

import { type Family, PROTOCOL } from "../packet.ts";
import type { BlockReturn, Direction, FilterRule, ScrubActions, SetActions, StateOptions } from "../rule.ts";
import type { Context } from "./context.ts";
import type { Draft, DraftAnchor } from "./draft.ts";
import { expandRule } from "./expand.ts";
import { type FilterOptions, filterOptions } from "./filter-options.ts";
import { fromTo } from "./host-clause.ts";
import { returnCode } from "./icmp-clause.ts";
import { onInterfaces } from "./interface-clause.ts";
import { LABEL_SIZE } from "./limits.ts";
import { logQuick } from "./log-clause.ts";
import { UNREACHABLE } from "./names/icmp.ts";
import type { FromTo, HostNode } from "./nodes.ts";
import type { Reader } from "./reader.ts";
import { stateOptions } from "./state-options.ts";
import { addressFamily, protocols } from "./values.ts";

/** "port unreachable" of either family. */
const PORT_UNREACHABLE: Record<Family, number> = { inet: 3, inet6: 4 };
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

export function direction(reader: Reader): Direction | undefined {
  return reader.accept("in") ? "in" : reader.accept("out") ? "out" : undefined;
}

/** The family that all hosts of a list have. */
export function commonFamily(hosts: readonly HostNode[] | undefined): Family | undefined {
  const family = hosts?.[0]?.family;
  return hosts?.every((node) => node.family === family) ? family : undefined;
}

/** Starts a rule from its options, checking those that need nothing else. */
export function draftRule(
  context: Context,
  options: FilterOptions,
  base: Pick<Draft, "action" | "line" | "file" | "direction" | "family"> & { anchor?: DraftAnchor },
): Draft {
  const { reader } = context;
  if (options.once && (base.action === "match" || base.anchor)) reader.fail("'once' only applies to pass/block rules");
  for (const tag of [options.tag, options.tagged?.tag]) {
    if (tag !== undefined && tag.length >= LABEL_SIZE) reader.fail(`tag too long, max ${LABEL_SIZE - 1} chars`);
  }
  checkLabel(reader, options.label);
  if (options.afTo) {
    if (base.direction !== "in") reader.fail("af-to can only be used with direction in");
    if (options.route) reader.fail("af-to cannot be used together with route-to, reply-to, dup-to");
  }
  if (options.flags && (options.flags.set & options.flags.mask) !== options.flags.set) {
    reader.fail("flags always false");
  }
  const { flags } = options;
  const draft: Draft = {
    ...base,
    label: options.label ?? "",
    tag: options.tag ?? "",
    state: options.state?.kind ?? "none",
    protocol: undefined,
    source: { address: { kind: "any" }, negated: false, port: undefined },
    destination: { address: { kind: "any" }, negated: false, port: undefined },
  };
  if (options.tagged && options.tagged.tag !== "") draft.tagged = options.tagged;
  if (options.rtable !== undefined) draft.rtable = options.rtable;
  if (options.allowOpts) draft.allowOpts = true;
  if (options.once) draft.once = true;
  if (options.tos !== undefined) draft.tos = options.tos;
  if (options.prio !== undefined) draft.prio = options.prio;
  if (options.maxPacketRate) draft.maxPacketRate = options.maxPacketRate;
  if (options.probability !== undefined) draft.probability = options.probability;
  if (options.fragment) draft.fragment = true;
  if (flags && (flags.set !== 0 || flags.mask !== 0)) draft.flags = flags;
  if (options.afTo) draft.afTo = true;
  const set = actionsOf(options);
  if (set) draft.set = set;
  const scrub = scrubOf(options.scrub);
  if (scrub) draft.scrub = scrub;
  return draft;
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
  { os }: FromTo,
  among: readonly number[] | undefined,
  osComplaint: string,
): void {
  if ((flags === undefined && os === undefined) || among === undefined || among.includes(PROTOCOL.tcp)) return;
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

/** At the action word. */
export function ruleStatement(context: Context): void {
  const { reader } = context;
  const { file, line } = reader;
  const action = reader.peek() as "pass" | "match" | "block";
  reader.take();
  const answer = action === "block" ? blockAnswer(context) : undefined;
  const toward = direction(reader);
  const { log, quick } = logQuick(reader);
  const interfaces = onInterfaces(context);
  const family = addressFamily(reader);
  const among = protocols(reader);
  const ends = fromTo(context);
  const options = filterOptions(context);
  reader.endOfStatement();

  const draft = draftRule(context, options, { action, file, line, direction: toward, family });
  if (answer) draft.answer = answer;
  if (log) draft.log = log;
  if (quick) draft.quick = true;
  checkTcpOnly(reader, draft, ends, among, "OS fingerprinting only apply to tcp");
  const state = stateOf(context, options, draft);
  if (state) draft.stateOptions = state;
  if (action === "pass" && !draft.flags && !options.fragment && !options.flags && draft.state !== "none") {
    draft.flags = { set: 0x02, mask: 0x12 };
  }
  draft.family ??= commonFamily(ends.source.hosts);
  draft.family ??= commonFamily(ends.destination.hosts);
  if (options.route) {
    if (options.route.kind !== "dup-to" && toward === undefined) {
      reader.fail("direction must be explicit with rules that specify routing");
    }
    draft.route = options.route.kind;
  }
  const divert = divertOf(context, draft, options.divert);
  if (divert) draft.divert = divert;
  const { nat, rdr, route, users, groups, icmp, receivedOn } = options;
  expandRule(
    context,
    draft,
    {
      ends,
      ...(interfaces && { interfaces }),
      ...(among && { protocols: among }),
      ...(icmp && { icmp }),
      ...(users && { users }),
      ...(groups && { groups }),
      ...(receivedOn?.name !== undefined && { receivedOn: { name: receivedOn.name, negated: receivedOn.negated } }),
    },
    { ...(nat && { nat }), ...(rdr && { rdr }), ...(route && { route: route.pool }) },
  );
}
