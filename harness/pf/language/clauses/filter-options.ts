/**
 * The options of a rule, in any order, after `from … to …`: one function per word. Whether they fit together is
 * checked in rule-statement.ts and checks.ts.
 */

import type { FilterRule, OwnerOperator, ScrubActions } from "../../rule.ts";
import type { Context } from "../context.ts";
import { refuseOldRoute, refuseOtherEra, requireEra } from "../eras.ts";
import { afterOption } from "../tokens/follow.ts";
import { MAX_ROUTING_TABLE } from "../tokens/limits.ts";
import { icmpList, ownerList, parseFlags, probability, tosValue } from "./match-options.ts";
import type { HostNode, IcmpNode, InterfaceNode, PoolNode } from "./nodes.ts";
import { type SetDraft, scrubOptions, setActions } from "./packet-actions.ts";
import { pool, poolOptions, poolTarget, routePool } from "./pool-clause.ts";
import { portSpec } from "./ports.ts";
import { resolveHost } from "./resolve-host.ts";
import { addressFamily, interfaceItem } from "./rule-head.ts";
import { rate, type StateClause, stateClause } from "./state-options.ts";

type Divert = NonNullable<FilterRule["divert"]>;

/** All options of one rule. */
export interface FilterOptions extends SetDraft {
  users?: OwnerOperator[];
  groups?: OwnerOperator[];
  receivedOn?: InterfaceNode;
  flags?: { readonly set: number; readonly mask: number };
  icmp?: readonly IcmpNode[];
  prio?: number;
  tos?: number;
  state?: StateClause;
  fragment?: boolean;
  allowOpts?: boolean;
  once?: boolean;
  label?: string;
  tag?: string;
  tagged?: { readonly tag: string; readonly negated: boolean };
  probability?: number;
  rtable?: number;
  maxPacketRate?: { readonly limit: number; readonly seconds: number };
  divert?: { readonly kind: Divert["kind"]; readonly hosts?: readonly HostNode[]; readonly port: number };
  scrub?: ScrubActions;
  nat?: PoolNode;
  rdr?: PoolNode;
  afTo?: boolean;
  route?: { readonly kind: "route-to" | "reply-to" | "dup-to"; readonly pool: PoolNode };
}

export function rtable(context: Context): number {
  const { reader } = context;
  const number = reader.number();
  if (number < 0 || number > MAX_ROUTING_TABLE) reader.fail("invalid rtable id");
  if (!context.rtables.includes(number)) reader.fail(`rtable ${number} does not exist`);
  return number;
}

function divert(context: Context, options: FilterOptions, kind: Divert["kind"]): void {
  const { reader } = context;
  const address = kind === "divert-to" ? reader.string() : undefined;
  if (kind !== "divert-reply") reader.expect("port");
  const ports = kind === "divert-reply" ? undefined : portSpec(reader, {});
  if (options.divert !== undefined) reader.fail("more than one divert option");
  let hosts: readonly HostNode[] | undefined;
  if (address !== undefined) {
    hosts = resolveHost(address, context) ?? reader.fail(`could not parse divert address: ${address}`);
  }
  const port = ports?.from ?? 0;
  if (kind !== "divert-reply" && port === 0) reader.fail("invalid divert port: 0");
  options.divert = { kind, port, ...(hosts && { hosts }) };
  // parse.y 1.718: a packet for a program is only complete when TCP is reassembled, too.
  if (kind === "divert-packet" && (context.options.reassemble?.enabled ?? true)) {
    options.scrub = { ...options.scrub, reassembleTcp: true };
  }
}

function afTo(context: Context, options: FilterOptions): void {
  const { reader } = context;
  const family = addressFamily(reader);
  reader.expect("from");
  const from = { ...poolTarget(context) };
  const fromOptions = poolOptions(context);
  const to = reader.accept("to") ? { ...poolTarget(context) } : undefined;
  const toOptions = to && poolOptions(context);
  if (options.nat !== undefined) reader.fail("cannot respecify af-to");
  if (family === undefined) {
    context.reader.fail(to ? "no address family specified" : "no target address family specified");
  }
  const misfit = (hosts: readonly HostNode[]): boolean => (hosts[0]?.family ?? family) !== family;
  if (to !== undefined && (misfit(from.hosts) || misfit(to.hosts))) {
    reader.fail("af-to addresses must be in the target address family");
  }
  options.afTo = true;
  // As in pfctl: with `to`, the options after it count for the `from` pool.
  options.nat = { ...from, ...(toOptions ?? fromOptions), binat: false, family };
  const none = { sticky: false, staticPort: false, binat: false };
  options.rdr = to === undefined ? { ...none, hosts: [] } : { ...none, ...to, family };
}

function translation(context: Context, options: FilterOptions, word: "nat-to" | "rdr-to" | "binat-to"): void {
  const given = pool(context);
  if (word === "rdr-to") {
    if (options.rdr !== undefined) context.reader.fail("cannot respecify rdr-to");
    options.rdr = given;
    return;
  }
  if (options.nat !== undefined) context.reader.fail("cannot respecify nat-to/binat-to");
  options.nat = word === "nat-to" ? given : { ...given, binat: true, staticPort: true };
}

function redefined(context: Context, given: unknown, what: string): void {
  if (given !== undefined) context.reader.fail(what);
}

/** Reads options up to the first other token. */
export function filterOptions(context: Context): FilterOptions {
  const options: FilterOptions = {};
  do if (context.era !== "divert-to") refuseOtherOption(context);
  while (filterOption(context, options));
  options.users?.reverse();
  options.groups?.reverse();
  return options;
}

/** In older eras: refuses words of later ones, and words that were not options then. */
function refuseOtherOption({ reader, era }: Context): void {
  refuseOtherEra(reader, era);
  const word = reader.peek();
  if (word === "set") requireEra(reader, era, "set", ["divert-to"]);
  if (word === "scrub") requireEra(reader, era, "scrub", ["rdr-to", "divert-to"]);
}

function filterOption(context: Context, options: FilterOptions): boolean {
  const { reader } = context;
  const word = reader.peek();
  switch (word) {
    case "user":
    case "group": {
      reader.take();
      const items = ownerList(reader, word, context.era);
      // pfctl puts a later list before an earlier one: kept in reverse here.
      const field = word === "user" ? "users" : "groups";
      options[field] ??= [];
      for (let i = items.length - 1; i >= 0; i--) options[field].push(items[i] as OwnerOperator);
      return true;
    }
    case "flags": {
      reader.take();
      const flags = parseFlags(reader);
      redefined(context, options.flags, "flags cannot be redefined");
      options.flags = flags;
      return true;
    }
    case "icmp-type":
    case "icmp6-type": {
      reader.take();
      const icmp = icmpList(reader, word === "icmp-type" ? "inet" : "inet6");
      redefined(context, options.icmp, "icmp-type cannot be redefined");
      options.icmp = icmp;
      return true;
    }
    case "prio": {
      reader.take();
      const prio = reader.number();
      redefined(context, options.prio, "prio cannot be redefined");
      if (prio < 0 || prio > 7) reader.fail("prio must be 0 - 7");
      options.prio = prio;
      return true;
    }
    case "tos": {
      reader.take();
      const tos = tosValue(reader);
      redefined(context, options.tos, "tos cannot be redefined");
      options.tos = tos;
      return true;
    }
    case "no":
    case "keep":
    case "modulate":
    case "synproxy": {
      const state = stateClause(context);
      if (!state.parenthesised) reader.followedBy(afterOption);
      redefined(context, options.state, "modulate or keep cannot be redefined");
      options.state = state;
      return true;
    }
    case "set":
      reader.take();
      setActions(context, options);
      return true;
    case "queue":
      setActions(context, options);
      return true;
    case "!":
    case "tagged":
    case "received-on":
      negatable(context, options);
      return true;
    case "scrub": {
      reader.take();
      const scrub = scrubOptions(reader);
      options.scrub = { ...scrub, ...(options.scrub?.reassembleTcp && { reassembleTcp: true }) };
      return true;
    }
    case "divert-to":
    case "divert-reply":
    case "divert-packet":
      reader.take();
      divert(context, options, word);
      return true;
    case "nat-to":
    case "rdr-to":
    case "binat-to":
      reader.take();
      translation(context, options, word);
      return true;
    case "af-to":
      reader.take();
      afTo(context, options);
      return true;
    case "route-to":
    case "reply-to":
    case "dup-to": {
      refuseOldRoute(reader, context.era);
      reader.take();
      const route = routePool(context);
      redefined(context, options.route, "cannot respecify route-to/reply-to/dup-to");
      options.route = { kind: word, pool: route };
      return true;
    }
    default:
      return simpleOption(context, options, word);
  }
}

/** `[!] tagged NAME`, `[!] received-on IF`. */
function negatable(context: Context, options: FilterOptions): void {
  const { reader } = context;
  const negated = reader.accept("!");
  if (reader.accept("tagged")) options.tagged = { tag: reader.strings(), negated };
  else {
    reader.expect("received-on");
    const item = interfaceItem(context);
    redefined(context, options.receivedOn, "cannot respecify received-on");
    options.receivedOn = { ...item, negated };
  }
}

function simpleOption(context: Context, options: FilterOptions, word: string): boolean {
  const { reader } = context;
  switch (word) {
    case "fragment":
      reader.take();
      options.fragment = true;
      return true;
    case "allow-opts":
      reader.take();
      options.allowOpts = true;
      return true;
    case "once":
      reader.take();
      options.once = true;
      return true;
    case "label": {
      reader.take();
      const label = reader.string();
      redefined(context, options.label, "label cannot be redefined");
      options.label = label;
      return true;
    }
    case "tag":
      reader.take();
      options.tag = reader.strings();
      return true;
    case "probability":
      reader.take();
      options.probability = probability(reader);
      return true;
    case "rtable":
      reader.take();
      options.rtable = rtable(context);
      return true;
    case "max-pkt-rate": {
      reader.take();
      const packetRate = rate(reader);
      if (options.maxPacketRate?.limit) reader.fail("cannot respecify max-pkt-rate");
      options.maxPacketRate = packetRate;
      return true;
    }
    default:
      return false;
  }
}
