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
import { type Count, formatAddress, formatPool } from "./print-address.ts";

export interface PrintOptions {
  /** `-P`: names of ports where `=` or `!=` compares. */
  readonly portNames?: boolean;
  /** Language to print in; that of OpenBSD 7.8 by default. */
  readonly era?: Era;
  /** `-vv`: sizes of tables and dynamic addresses. */
  readonly count?: Count;
  /** `-vv`: a `once` rule that was used up. */
  readonly expired?: boolean;
  /** `-vv`: `@N ` in front. */
  readonly number?: number;
}

/** Without newline; an inline anchor's first line without its ` {`. */
export function printRule(rule: Rule, options: PrintOptions = {}): string {
  const { family } = rule;
  let text = options.number === undefined ? "" : `@${options.number} `;
  if (rule.kind === "anchor") text += rule.name === undefined ? "anchor" : `anchor "${rule.name}"`;
  else text += rule.action === "block" ? `block ${formatAnswer(rule.answer ?? { kind: "drop" }, family)}` : rule.action;
  if (rule.direction !== undefined) text += ` ${rule.direction}`;
  if (rule.log !== undefined) text += formatLog(rule.log);
  if (rule.quick) text += " quick";
  text += formatCriteria(rule, options);
  if (rule.receivedOn !== undefined) {
    text += ` ${rule.receivedOn.negated ? "!" : ""}received-on ${rule.receivedOn.name}`;
  }
  if (rule.user !== undefined) text += ` user${formatOperator(rule.user)}`;
  if (rule.group !== undefined) text += ` group${formatOperator(rule.group)}`;
  text += formatFlagsClause(rule);
  if (rule.icmp !== undefined) text += formatIcmp(rule.icmp, family);
  if (rule.tos !== undefined) text += ` tos ${hex(rule.tos)}`;
  if (rule.prio !== undefined) text += ` prio ${rule.prio}`;
  if (rule.maxPacketRate !== undefined) {
    text += ` max-pkt-rate ${rule.maxPacketRate.limit}/${rule.maxPacketRate.seconds}`;
  }
  if (rule.set !== undefined) text += formatSet(rule.set);
  text += formatState(rule, options.era === "rdr-anchor");
  if (rule.fragment) text += " fragment";
  if (rule.scrub !== undefined) text += ` scrub (${formatScrubWords(rule.scrub).join(" ")})`;
  if (rule.allowOpts) text += " allow-opts";
  if (rule.label !== undefined) text += ` label "${rule.label}"`;
  if (rule.once) text += " once";
  if (rule.tag !== undefined) text += ` tag ${rule.tag}`;
  if (rule.tagged !== undefined) text += `${rule.tagged.negated ? " !" : ""} tagged ${rule.tagged.tag}`;
  if (rule.rtable !== undefined) text += ` rtable ${rule.rtable}`;
  if (rule.kind === "filter") text += formatTargets(rule, options.count);
  return options.expired ? `${text} # expired` : text;
}

/** From `on` to the ports, as in all kinds of rules. */
export function formatCriteria(rule: Criteria, options: PrintOptions): string {
  let text = "";
  if (rule.interface !== undefined) text += ` on ${rule.interface.negated ? "! " : ""}${rule.interface.name}`;
  if (rule.rdomain !== undefined) text += ` on ${rule.rdomain.negated ? "! " : ""}rdomain ${rule.rdomain.number}`;
  if (rule.family !== undefined) text += ` ${rule.family}`;
  if (rule.protocol !== undefined) text += ` proto ${protocolName(rule.protocol) ?? rule.protocol}`;
  return text + formatEnds(rule, options);
}

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
  const name =
    (options.portNames ?? options.era === "rdr-anchor") ? (port: number) => serviceName(port, transport) : undefined;
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
  const { divert, afTo, natTo, rdrTo, route } = rule;
  let text = "";
  if (divert?.kind === "divert-to") text += ` divert-to ${divert.address} port ${divert.port}`;
  else if (divert?.kind === "divert-packet") text += ` divert-packet port ${divert.port}`;
  else if (divert !== undefined) text += ` ${divert.kind}`;
  if (afTo !== undefined) {
    text += ` af-to ${afTo.family} from ${formatPool(afTo.from, "nat", afTo.family, count)}`;
    if (afTo.to !== undefined) text += ` to ${formatPool(afTo.to, "rdr", afTo.family, count)}`;
  } else if (natTo !== undefined) text += ` nat-to ${formatPool(natTo, "nat", rule.family, count)}`;
  else if (rdrTo !== undefined) text += ` rdr-to ${formatPool(rdrTo, "rdr", rule.family, count)}`;
  if (route !== undefined) text += ` ${route.kind} ${formatPool(route.pool, "route", rule.family, count)}`;
  return text;
}

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
