/**
 * One rule as `pfctl -sr` prints it; parsed again, it is the same rule (except where pfctl itself prints less:
 * see print.ts). Clauses come in the fixed order of pfctl, whatever order they were written in.
 */

import { type Family, PROTOCOL, TCP_FLAG } from "../../packet.ts";
import type {
  BlockReturn,
  Criteria,
  FilterRule,
  LogOptions,
  OwnerOperator,
  RangeOperator,
  Rule,
  RuleEnd,
  ScrubActions,
  SetActions,
  StateOptions,
} from "../../rule.ts";
import type { Era } from "../eras.ts";
import { icmpCodeName, icmpTypeName, UNREACHABLE } from "../names/icmp.ts";
import { protocolName } from "../names/protocols.ts";
import { serviceName } from "../names/services.ts";
import { stateTimeouts } from "../names/timeouts.ts";
import type { Release } from "../releases.ts";
import { releaseOf } from "../releases.ts";
import { type Count, formatAddress, formatPool } from "./print-address.ts";

export interface PrintOptions {
  /** `-P`: names of ports where `=` or `!=` compares. */
  readonly portNames?: boolean;
  /** Language to print in; that of OpenBSD 7.8 by default. */
  readonly era?: Era;
  /** The release whose pfctl prints; wins over `era`. */
  readonly release?: string;
  /** As `pfctl -n` prints, without a kernel. */
  readonly dryRun?: boolean;
  /** `-vv`: sizes of tables and dynamic addresses. */
  readonly count?: Count;
  /** `-vv`: a `once` rule that was used up. */
  readonly expired?: boolean;
  /** `-vv`: `@N ` in front. */
  readonly number?: number;
}

/** A clause of a printed rule, with the blank before it; "" if the rule does not have it. */
type Clause = (rule: Rule, options: PrintOptions, release: Release) => string;

const action: Clause = (rule, { dryRun }, { lastPartOfAnchors }) => {
  if (rule.kind === "anchor") {
    if (rule.name === undefined) return "anchor";
    return `anchor "${dryRun && lastPartOfAnchors ? lastPart(rule.name) : rule.name}"`;
  }
  return rule.action === "block" ? `block ${formatAnswer(rule.answer ?? { kind: "drop" }, rule.family)}` : rule.action;
};

/** `/*` of `ftp-proxy/*`. */
export const lastPart = (path: string): string => path.slice(Math.max(0, path.lastIndexOf("/")));

const direction: Clause = (rule) => (rule.direction === undefined ? "" : ` ${rule.direction}`);
const log: Clause = (rule) => (rule.log === undefined ? "" : formatLog(rule.log));
const quick: Clause = (rule) => (rule.quick ? " quick" : "");
const place: Clause = (rule) => formatPlace(rule);
const whom: Clause = (rule, options) => formatWhom(rule, options);
const receivedOn: Clause = ({ receivedOn: on }) =>
  on === undefined ? "" : ` ${on.negated ? "!" : ""}received-on ${on.name}`;
const owners: Clause = ({ user, group }, _, { scrubParentheses }) => {
  // FreeBSD 15 has no name for it any more.
  const operator = (owner: OwnerOperator): string =>
    formatOperator(owner).replace("unknown", scrubParentheses ? "4294967295" : "unknown");
  return (user === undefined ? "" : ` user${operator(user)}`) + (group === undefined ? "" : ` group${operator(group)}`);
};
const flags: Clause = (rule) => formatFlagsClause(rule);
const icmp: Clause = (rule) => (rule.icmp === undefined ? "" : formatIcmp(rule.icmp, rule.family));
const tos: Clause = (rule) => (rule.tos === undefined ? "" : ` tos ${hex(rule.tos)}`);
const prio: Clause = (rule) => (rule.prio === undefined ? "" : ` prio ${rule.prio}`);
const packetRate: Clause = ({ maxPacketRate: rate }) =>
  rate === undefined ? "" : ` max-pkt-rate ${rate.limit}/${rate.seconds}`;
const packetSize: Clause = ({ maxPacketSize: size }) =>
  size === undefined ? "" : ` max-pkt-size${formatOperator(size).replace(/^ =/, "")}`;
const set: Clause = (rule) => (rule.set === undefined ? "" : formatSet(rule.set));
const state: Clause = (rule, _, { routeFirst }) => formatState(rule, routeFirst);
const fragment: Clause = (rule) => (rule.fragment ? " fragment" : "");
const scrub: Clause = (rule) => (rule.scrub === undefined ? "" : ` scrub (${formatScrubWords(rule.scrub).join(" ")})`);
const scrubActions: Clause = ({ scrub: actions }) => {
  if (actions === undefined) return "";
  const { reassembleTcp, setTos, ...rest } = actions;
  const words = formatScrubWords(rest);
  if (setTos !== undefined) words.push(`set-tos ${hex(setTos)}`);
  if (reassembleTcp) words.push("reassemble tcp");
  return ` scrub( ${words.join(" ")})`;
};
const allowOpts: Clause = (rule) => (rule.allowOpts ? " allow-opts" : "");
const labels: Clause = ({ label, moreLabels = [] }) =>
  [...(label === undefined ? [] : [label]), ...moreLabels].map((text) => ` label "${text}"`).join("");
const identifier: Clause = ({ ridentifier }) => (ridentifier === undefined ? "" : ` ridentifier ${ridentifier}`);
const dummynet: Clause = ({ dummynet: pipe }) => {
  if (pipe === undefined) return "";
  return pipe.back ? ` ${pipe.kind}(${pipe.number}, ${pipe.back})` : ` ${pipe.kind} ${pipe.number}`;
};
const once: Clause = (rule) => (rule.once ? " once" : "");
/** FreeBSD: `set ( prio 3, tos 0x10 )`; its queues are altq's and stand apart. */
const setPrio: Clause = ({ set: actions }) => {
  const { prio: pair, tos: value } = actions ?? {};
  const words: string[] = [];
  if (pair !== undefined) words.push(pair.length === 1 ? `prio ${pair[0]}` : `prio(${pair.join(", ")})`);
  if (value !== undefined) words.push(`tos ${hex(value)}`);
  return words.length === 0 ? "" : ` set ( ${words.join(", ")} )`;
};
const queue: Clause = ({ set: actions }) => {
  if (actions?.queue === undefined) return "";
  const [one, two] = actions.queue;
  return two === undefined ? ` queue ${one}` : ` queue(${one}, ${two})`;
};
const tag: Clause = (rule) => (rule.tag === undefined ? "" : ` tag ${rule.tag}`);
const tagged: Clause = (rule) => formatTagged(rule);
const rtable: Clause = (rule) => (rule.rtable === undefined ? "" : ` rtable ${rule.rtable}`);
const targets: Clause = (rule, { count }) => (rule.kind === "filter" ? formatTargets(rule, count) : "");
const route: Clause = (rule, { count }) => (rule.kind === "filter" ? formatRoute(rule, count) : "");

/** OpenBSD since 4.7. */
const todaysOrder: readonly Clause[] = [
  ...[action, direction, log, quick, place, whom, receivedOn, owners, flags, icmp, tos, prio, packetRate, set, state],
  ...[fragment, scrub, allowOpts, labels, once, tag, tagged, rtable, targets, route],
];
/** FreeBSD until 14, and OpenBSD before 4.7. */
const oldOrder: readonly Clause[] = [
  ...[action, direction, log, quick, place, route, whom, owners, flags, icmp, tos, prio, setPrio, state],
  ...[fragment, allowOpts, labels, identifier, dummynet, queue, tag, tagged, rtable, targets],
];
/** FreeBSD 15. */
const newOrder: readonly Clause[] = [
  ...[action, direction, log, quick, place, route, whom, receivedOn, owners, flags, icmp, tos, prio, packetRate],
  ...[packetSize, setPrio, state, allowOpts, fragment, scrubActions, labels, once, identifier, dummynet, queue, tag],
  ...[tagged, rtable, targets],
];

/** Without newline; an inline anchor's first line without its ` {`. */
export function printRule(rule: Rule, options: PrintOptions = {}): string {
  const release = releaseOf(options);
  const order = !release.routeFirst ? todaysOrder : release.scrubParentheses ? newOrder : oldOrder;
  let text = options.number === undefined ? "" : `@${options.number} `;
  for (const clause of order) text += clause(rule, options, release);
  return options.expired ? `${text} # expired` : text;
}

/** From `on` to the ports, as in all kinds of rules. */
export const formatCriteria = (rule: Criteria, options: PrintOptions): string =>
  formatPlace(rule) + formatWhom(rule, options);

function formatPlace(rule: Criteria): string {
  let text = "";
  if (rule.interface !== undefined) text += ` on ${rule.interface.negated ? "! " : ""}${rule.interface.name}`;
  if (rule.rdomain !== undefined) text += ` on ${rule.rdomain.negated ? "! " : ""}rdomain ${rule.rdomain.number}`;
  return text;
}

function formatWhom(rule: Criteria, options: PrintOptions): string {
  let text = rule.family === undefined ? "" : ` ${rule.family}`;
  if (rule.protocol !== undefined) text += ` proto ${protocolName(rule.protocol) ?? rule.protocol}`;
  return text + formatEnds(rule, options);
}

export const formatTagged = ({ tagged: match }: Criteria): string =>
  match === undefined ? "" : `${match.negated ? " !" : ""} tagged ${match.tag}`;

const hex = (value: number): string => `0x${value.toString(16).padStart(2, "0")}`;

function formatAnswer(answer: BlockReturn, family: Family | undefined): string {
  switch (answer.kind) {
    case "return-rst":
      return answer.ttl === undefined ? "return-rst" : `return-rst(ttl ${answer.ttl})`;
    case "return-icmp": {
      const code = icmpCodeName(UNREACHABLE.inet, answer.code, "inet") ?? answer.code;
      const code6 = icmpCodeName(answer.type6 ?? UNREACHABLE.inet6, answer.code6, "inet6") ?? answer.code6;
      if (family === "inet") return `return-icmp(${code})`;
      return family === "inet6" ? `return-icmp6(${code6})` : `return-icmp(${code}, ${code6})`;
    }
    default:
      return answer.kind;
  }
}

export function formatLog({ all, matches, user, to }: LogOptions): string {
  const words = [...(all ? ["all"] : []), ...(matches ? ["matches"] : []), ...(user ? ["user"] : [])];
  if (to !== undefined) words.push(`to ${to}`);
  return words.length > 0 ? ` log (${words.join(", ")})` : " log";
}

function formatOperator(operator: RangeOperator | OwnerOperator, name?: (value: number) => string | undefined): string {
  if ("value" in operator) {
    const { op, value } = operator;
    const named = typeof value === "number" && (op === "=" || op === "!=") ? name?.(value) : undefined;
    return ` ${op} ${named ?? value}`;
  }
  const { op, from, to } = operator;
  return op === ":" ? ` ${from}:${to}` : ` ${from} ${op} ${to}`;
}

function formatEnds(rule: Criteria, options: PrintOptions): string {
  const { source, destination, sourceOs } = rule;
  const open = ({ address, negated, port }: RuleEnd) => address.kind === "any" && !negated && port === undefined;
  if (open(source) && open(destination) && sourceOs === undefined) return " all";
  const transport = rule.protocol === PROTOCOL.tcp ? "tcp" : "udp";
  // Before 4.7, and on FreeBSD, names are the default.
  const { routeFirst, system } = releaseOf(options);
  const name = (options.portNames ?? routeFirst) ? (port: number) => serviceName(port, transport, system) : undefined;
  const end = ({ address, negated, port }: RuleEnd): string =>
    `${negated ? "! " : ""}${formatAddress(address, rule.family, options.count)}${port ? ` port${formatOperator(port, name)}` : ""}`;
  const os = sourceOs === undefined ? "" : ` os "${sourceOs}"`;
  return ` from ${end(source)}${os} to ${end(destination)}`;
}

/** `FLAG_TEXTS[0x12]` is `SA`. */
const FLAG_TEXTS = Array.from({ length: 256 }, (_, bits) =>
  Object.entries(TCP_FLAG)
    .flatMap(([letter, bit]) => (bits & bit ? [letter] : []))
    .join(""),
);

function formatFlagsClause(rule: Rule): string {
  if (rule.flags !== undefined) return ` flags ${FLAG_TEXTS[rule.flags.set]}/${FLAG_TEXTS[rule.flags.mask]}`;
  if (rule.kind === "anchor" || rule.state === "none" || rule.action === "block" || rule.fragment) return "";
  return rule.protocol === undefined || rule.protocol === PROTOCOL.tcp ? " flags any" : "";
}

function formatIcmp({ type, code }: { type: number; code?: number }, family: Family = "inet"): string {
  const word = family === "inet" ? "icmp-type" : "icmp6-type";
  const text = ` ${word} ${icmpTypeName(type, family) ?? type}`;
  return code === undefined ? text : `${text} code ${icmpCodeName(type, code, family) ?? code}`;
}

function formatSet({ prio, queue, tos, delay }: SetActions): string {
  const words: string[] = [];
  if (prio !== undefined) words.push(prio.length === 1 ? `prio ${prio[0]}` : `prio(${prio.join(", ")})`);
  if (queue !== undefined) words.push(queue.length === 1 ? `queue ${queue[0]}` : `queue(${queue.join(", ")})`);
  if (tos !== undefined) words.push(`tos ${hex(tos)}`);
  if (delay !== undefined) words.push(`delay ${delay}`);
  return ` set (${words.join(", ")})`;
}

export function formatScrubWords({ noDf, randomId, minTtl, reassembleTcp, maxMss }: ScrubActions): string[] {
  const words: string[] = [];
  if (noDf) words.push("no-df");
  if (randomId) words.push("random-id");
  if (minTtl !== undefined) words.push(`min-ttl ${minTtl}`);
  if (reassembleTcp) words.push("reassemble tcp");
  if (maxMss !== undefined) words.push(`max-mss ${maxMss}`);
  return words;
}

function formatTargets(rule: FilterRule, count: Count | undefined): string {
  const { divert, afTo, natTo, rdrTo } = rule;
  let text = "";
  if (divert?.kind === "divert-to") text += ` divert-to ${divert.address} port ${divert.port}`;
  else if (divert?.kind === "divert-packet") text += ` divert-packet port ${divert.port}`;
  else if (divert?.kind === "divert-socket") text += ` divert-to ${divert.port}`;
  else if (divert !== undefined) text += ` ${divert.kind}`;
  if (afTo !== undefined) {
    text += ` af-to ${afTo.family} from ${formatPool(afTo.from, "nat", afTo.family, count)}`;
    if (afTo.to !== undefined) text += ` to ${formatPool(afTo.to, "rdr", afTo.family, count)}`;
  } else if (natTo !== undefined) text += ` nat-to ${formatPool(natTo, "nat", rule.family, count)}`;
  else if (rdrTo !== undefined) text += ` rdr-to ${formatPool(rdrTo, "rdr", rule.family, count)}`;
  return text;
}

const formatRoute = ({ route: way, family }: FilterRule, count: Count | undefined): string =>
  way === undefined ? "" : ` ${way.kind} ${formatPool(way.pool, "route", family, count)}`;

/**
 * The state clause, with `probability` between the words and the options, where pfctl has it:
 * `keep state probability 50% (max 10)`. Plain `keep state`, the default, only with `spelled` (before 4.7, FreeBSD).
 */
function formatState(rule: Rule, spelled: boolean): string {
  let text = "";
  const options = rule.kind === "filter" ? rule.stateOptions : undefined;
  const list = options === undefined ? [] : formatOptions(options);
  if (rule.kind === "filter") {
    if (rule.state === "none") text += rule.action === "pass" ? " no state" : "";
    else if (spelled || rule.state !== "keep" || list.length > 0) text += ` ${rule.state} state`;
  }
  if (rule.probability !== undefined) text += ` probability ${formatProbability(rule.probability)}%`;
  return list.length > 0 ? `${text} (${list.join(", ")})` : text;
}

/** Six decimals, without trailing zeros. */
function formatProbability(fraction: number): string {
  return (fraction * 100).toFixed(6).replace(/\.?0+$/, "");
}

function formatOptions(options: StateOptions): string[] {
  const list: string[] = [];
  if (options.max !== undefined) list.push(`max ${options.max}`);
  if (options.noSync) list.push("no-sync");
  if (options.sourceTrack !== undefined) list.push(`source-track ${options.sourceTrack}`);
  if (options.maxSrcStates !== undefined) list.push(`max-src-states ${options.maxSrcStates}`);
  if (options.maxSrcConn !== undefined) list.push(`max-src-conn ${options.maxSrcConn}`);
  if (options.maxSrcConnRate !== undefined) {
    list.push(`max-src-conn-rate ${options.maxSrcConnRate.limit}/${options.maxSrcConnRate.seconds}`);
  }
  if (options.maxSrcNodes !== undefined) list.push(`max-src-nodes ${options.maxSrcNodes}`);
  if (options.overload !== undefined) {
    const { table, flush } = options.overload;
    list.push(`overload <${table}>${flush === undefined ? "" : flush === "global" ? " flush global" : " flush"}`);
  }
  if (options.policy === "if-bound") list.push("if-bound");
  if (options.sloppy) list.push("sloppy");
  if (options.pflow) list.push("pflow");
  for (const name of stateTimeouts) {
    const seconds = options.timeouts?.[name];
    if (seconds !== undefined) list.push(`${name} ${seconds}`);
  }
  return list;
}
