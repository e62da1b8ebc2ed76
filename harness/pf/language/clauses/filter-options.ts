/**
 * The options of a rule, in any order, after `from … to …`: one function per word. Whether they fit together is
 * checked in rule-statement.ts and checks.ts.
 */

import type { Dummynet, FilterRule, OwnerOperator, RangeOperator, ScrubActions } from "../../rule.ts";
import type { Context } from "../context.ts";
import type { HostNode, IcmpNode, InterfaceNode, PoolNode } from "../nodes.ts";
import { afterOption } from "../tokens/follow.ts";
import { MAX_ROUTING_TABLE } from "../tokens/limits.ts";
import type { Reader } from "../tokens/reader.ts";
import { icmpList, ownerList, parseFlags, probability, tosValue } from "./match-options.ts";
import { type SetDraft, scrubOptions, setAction, setActions } from "./packet-actions.ts";
import { pool, poolOptions, poolTarget, routePool, routePoolWithInterfaces } from "./pool-clause.ts";
import { plainPort, portItem, portSpec, unsignedNumber } from "./ports.ts";
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
  labels?: string[];
  ridentifier?: number;
  dummynet?: Dummynet;
  tag?: string;
  tagged?: { readonly tag: string; readonly negated: boolean };
  probability?: number;
  rtable?: number;
  maxPacketSize?: RangeOperator;
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

/** To a divert(4) socket: `divert-to 8000`; an address before it is read and forgotten. */
function divertSocket(reader: Reader, options: FilterOptions): void {
  let text = reader.numberOrString();
  if (reader.accept("port")) text = reader.numberOrString();
  const port = plainPort(reader, text);
  if (port === 0) reader.fail("invalid divert port: 0");
  options.divert = { kind: "divert-socket", port };
}

function divert(context: Context, options: FilterOptions, kind: Divert["kind"]): void {
  const { reader } = context;
  if (context.release.divertSockets) {
    if (kind === "divert-reply") reader.fail("divert-reply has no meaning in FreeBSD pf(4)");
    divertSocket(reader, options);
    return;
  }
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
  while (filterOption(context, options));
  options.users?.reverse();
  options.groups?.reverse();
  return options;
}

/** Reads the rest of an option after its first word. */
type OptionReader = (context: Context, options: FilterOptions) => void;

/** An option of which the last one counts. */
const put =
  <K extends keyof FilterOptions>(field: K, read: (context: Context) => FilterOptions[K]): OptionReader =>
  (context, options) => {
    options[field] = read(context);
  };

/** An option that may come once: read first, then checked. */
const once =
  <K extends keyof FilterOptions>(
    field: K,
    read: (context: Context) => FilterOptions[K],
    complaint: string,
  ): OptionReader =>
  (context, options) => {
    const value = read(context);
    redefined(context, options[field], complaint);
    options[field] = value;
  };

const owners =
  (word: "user" | "group", field: "users" | "groups"): OptionReader =>
  ({ reader, release }, options) => {
    // pfctl puts a later list before an earlier one: kept in reverse here.
    options[field] ??= [];
    options[field].push(...ownerList(reader, word, release.system).reverse());
  };

const state = (word: string): OptionReader =>
  once(
    "state",
    (context) => {
      const clause = stateClause(context, word);
      if (!clause.parenthesised) context.reader.followedBy(afterOption);
      return clause;
    },
    "modulate or keep cannot be redefined",
  );

const diverts =
  (kind: Divert["kind"]): OptionReader =>
  (context, options) =>
    divert(context, options, kind);

const translations =
  (word: "nat-to" | "rdr-to" | "binat-to"): OptionReader =>
  (context, options) =>
    translation(context, options, word);

const routes = (kind: NonNullable<FilterOptions["route"]>["kind"]): OptionReader =>
  once(
    "route",
    (context) => ({ kind, pool: context.release.routeFirst ? routePoolWithInterfaces(context) : routePool(context) }),
    "cannot respecify route-to/reply-to/dup-to",
  );

const icmpTypes = (family: "inet" | "inet6"): OptionReader =>
  once("icmp", ({ reader }) => icmpList(reader, family), "icmp-type cannot be redefined");

/** The kinds are flags of one field: a pipe stays one. */
const pipeOrQueue =
  (kind: Dummynet["kind"]): OptionReader =>
  (context, options) => {
    const given = dummynet(context, kind);
    options.dummynet = { ...options.dummynet, ...given, kind: options.dummynet?.kind === "dnpipe" ? "dnpipe" : kind };
  };

const optionReaders: ReadonlyMap<string, OptionReader> = new Map<string, OptionReader>([
  ["user", owners("user", "users")],
  ["group", owners("group", "groups")],
  ["flags", once("flags", ({ reader }) => parseFlags(reader), "flags cannot be redefined")],
  ["icmp-type", icmpTypes("inet")],
  ["icmp6-type", icmpTypes("inet6")],
  ["prio", priority],
  ["tos", once("tos", ({ reader }) => tosValue(reader), "tos cannot be redefined")],
  ["no", state("no")],
  ["keep", state("keep")],
  ["modulate", state("modulate")],
  ["synproxy", state("synproxy")],
  ["set", setActions],
  ["scrub", scrub],
  ["divert-to", diverts("divert-to")],
  ["divert-reply", diverts("divert-reply")],
  ["divert-packet", diverts("divert-packet")],
  ["nat-to", translations("nat-to")],
  ["rdr-to", translations("rdr-to")],
  ["binat-to", translations("binat-to")],
  ["af-to", afTo],
  ["route-to", routes("route-to")],
  ["reply-to", routes("reply-to")],
  ["dup-to", routes("dup-to")],
  ["fragment", put("fragment", () => true)],
  ["allow-opts", put("allowOpts", () => true)],
  ["once", put("once", () => true)],
  ["label", label],
  ["ridentifier", put("ridentifier", ({ reader }) => unsignedNumber(reader))],
  ["dnpipe", pipeOrQueue("dnpipe")],
  ["dnqueue", pipeOrQueue("dnqueue")],
  ["tag", put("tag", ({ reader }) => reader.strings())],
  ["probability", put("probability", ({ reader }) => probability(reader))],
  ["rtable", put("rtable", rtable)],
  ["max-pkt-rate", packetRate],
  ["max-pkt-size", once("maxPacketSize", ({ reader }) => portItem(reader), "cannot respecify max-pkt-size")],
]);

/** False if no option comes next. */
function filterOption(context: Context, options: FilterOptions): boolean {
  const { reader } = context;
  const word = reader.peek();
  if (!context.release.options.has(word)) return false;
  const read = optionReaders.get(word);
  if (read !== undefined) {
    reader.take();
    read(context, options);
  } else if (word === "queue") setAction(context, options);
  else negatable(context, options);
  return true;
}

/** One label, or as many as the release allows. */
export function addLabel({ reader, release }: Context, labels: string[] | undefined): string[] {
  const text = reader.string();
  const given = labels ?? [];
  if (given.length >= release.labels) {
    reader.fail(release.labels === 1 ? "label cannot be redefined" : `label can only be used ${release.labels} times`);
  }
  return [...given, text];
}

function label(context: Context, options: FilterOptions): void {
  options.labels = addLabel(context, options.labels);
}

/** `dnpipe 1`, `dnqueue (1, 2)`: dummynet(4), for packets of the rule and for those that answer them. */
function dummynet({ reader }: Context, kind: Dummynet["kind"]): Dummynet {
  if (!reader.accept("(")) return { kind, number: unsignedNumber(reader) };
  const number = unsignedNumber(reader);
  reader.accept(",");
  if (reader.accept(")")) return { kind, number };
  const back = unsignedNumber(reader);
  reader.expect(")");
  return { kind, number, back };
}

function priority({ reader }: Context, options: FilterOptions): void {
  const prio = reader.number();
  if (options.prio !== undefined) reader.fail("prio cannot be redefined");
  if (prio < 0 || prio > 7) reader.fail("prio must be 0 - 7");
  options.prio = prio;
}

function scrub(context: Context, options: FilterOptions): void {
  const given = scrubOptions(context);
  options.scrub = { ...given, ...(options.scrub?.reassembleTcp && { reassembleTcp: true }) };
}

function packetRate({ reader }: Context, options: FilterOptions): void {
  const given = rate(reader);
  if (options.maxPacketRate?.limit) reader.fail("cannot respecify max-pkt-rate");
  options.maxPacketRate = given;
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
