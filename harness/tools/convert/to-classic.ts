/**
 * From the languages since 4.7 to the one before (and FreeBSD's): translation moves into rules of its own, which come
 * first; filter rules see translated packets.
 */

import { ERA_NAMES } from "../../pf/language/eras.ts";
import { type Clause, clause, partsText, type RuleParts } from "../../pf/text/rule-parts.ts";
import {
  type Expand,
  isToFtp,
  kept,
  laterSetAction,
  type NewLine,
  type Outcome,
  proxyTarget,
  refused,
  replaced,
  splitEnd,
  targetOf,
  without,
} from "./outcome.ts";

const ERA = ERA_NAMES["rdr-anchor"];

const UNKNOWN = [
  "divert-reply",
  "divert-packet",
  "af-to",
  "once",
  "received-on",
  "! received-on",
  "prio",
  "max-pkt-rate",
];
const ROUTING = ["route-to", "reply-to", "dup-to"];
/** Options that translation rules know. */
const ON_TRANSLATION = new Set(["tag", "tagged", "! tagged", "rtable"]);

/** @param blockedBefore a `quick` block rule comes before this one, and must still decide first. */
export function toClassic(parts: RuleParts, expand: Expand, depth: number, blockedBefore: boolean): Outcome {
  const foreign = parts.clauses.find(({ name }) => UNKNOWN.includes(name)) ?? laterSetAction(parts);
  if (foreign !== undefined) return refused(`${ERA} have nothing like "${foreign.name}"`);
  if (/\bleast-states\b/.test(partsText(parts))) return refused(`${ERA} have no pool type "least-states"`);
  const routing = parts.clauses.find(({ name }) => ROUTING.includes(name));
  if (routing !== undefined) {
    return refused(`before 4.7 "${routing.name}" comes after the interface and names one: (interface address)`);
  }
  if (parts.on?.includes("rdomain")) return refused(`${ERA} know no routing domains in rules`);
  const translates = parts.clauses.some(({ name }) => ["nat-to", "rdr-to", "binat-to", "divert-to"].includes(name));
  if (parts.action.startsWith("anchor")) return anchor(parts, depth);
  if (depth > 0 && (translates || parts.action === "match")) {
    return refused("in an anchor with its rules in place nothing could translate before 4.7; load the anchor instead");
  }
  const divert = clause(parts, "divert-to");
  if (divert !== undefined || (isToFtp(parts, expand) && proxyTarget(parts, "rdr-to", expand) !== undefined)) {
    return toProxy(parts, divert ?? (clause(parts, "rdr-to") as Clause), blockedBefore);
  }
  if (parts.action === "match") return match(parts);
  if (!translates) return filter(parts);
  return passing(parts);
}

/** Only an anchor that is loaded can hold translation rules, and those must be called by themselves. */
function anchor(parts: RuleParts, depth: number): Outcome {
  const name = parts.action.replace(/^anchor ?/, "");
  if (depth > 0 || name === "" || parts.quick || parts.clauses.length > 0) return kept("filtering");
  const { direction, ...rest } = parts;
  const lines: NewLine[] = [];
  if (direction !== "in")
    lines.push({ section: "translation", text: partsText({ ...rest, action: `nat-anchor ${name}` }) });
  if (direction !== "out")
    lines.push({ section: "translation", text: partsText({ ...rest, action: `rdr-anchor ${name}` }) });
  return replaced([...lines, { section: "filtering", text: partsText(parts) }]);
}

/** The head that translation rules share with filter rules. */
const translation = (parts: RuleParts, action: string, passes: boolean, pool: string): NewLine => {
  const { direction: _direction, quick: _quick, ...rest } = parts;
  const clauses = [...rest.clauses.filter(({ name }) => ON_TRANSLATION.has(name)), { name: "->", value: pool }];
  return { section: "translation", text: partsText({ ...rest, action, passes, quick: false, clauses }) };
};

function toProxy(parts: RuleParts, target: Clause, blockedBefore: boolean): Outcome {
  const { address, port } = targetOf(target.value);
  const inFamily = parts.family ?? (address.includes(":") ? ("inet6" as const) : undefined);
  const rule = { ...parts, ...(inFamily !== undefined && { family: inFamily }) };
  const bare = without(rule, target.name);
  const onlyState = bare.clauses.every(({ name }) => ["flags", "keep"].includes(name) || ON_TRANSLATION.has(name));
  if (parts.quick && !blockedBefore && onlyState) return replaced([translation(rule, "rdr", true, target.value)]);
  const pass: RuleParts = { ...bare, action: "pass", to: `${address}${port === undefined ? "" : ` port ${port}`}` };
  const lines: NewLine[] = [
    translation(rule, "rdr", false, target.value),
    { section: "filtering", text: partsText(pass) },
  ];
  return replaced(lines, "rules further down see these packets with the proxy's address as their destination");
}

function match(parts: RuleParts): Outcome {
  const lines: NewLine[] = [];
  const used = new Set<string>();
  const take = (name: string): string | undefined => {
    used.add(name);
    return clause(parts, name)?.value;
  };
  const scrub = take("scrub");
  if (scrub !== undefined) {
    const options = scrub.replace(/^\(\s*|\s*\)$/g, "").replaceAll(/\s*,\s*/g, " ");
    const head = without(parts, ...parts.clauses.map(({ name }) => name));
    lines.push({ section: "normalization", text: `${partsText({ ...head, action: "scrub" })} ${options}` });
  }
  const nat = take("nat-to");
  const rdr = take("rdr-to");
  const binat = take("binat-to");
  if (nat !== undefined) lines.push(translation(parts, "nat", false, nat));
  if (rdr !== undefined) lines.push(translation(parts, "rdr", false, rdr));
  if (binat !== undefined) lines.push(translation(parts, "binat", false, binat));
  const translates = nat !== undefined || rdr !== undefined || binat !== undefined;
  const rest = parts.clauses.find(({ name }) => !used.has(name) && !(translates && ON_TRANSLATION.has(name)));
  if (rest !== undefined) return refused(`${ERA} have no "match" rule that could carry "${rest.name}"`);
  if (lines.length === 0) return refused(`${ERA} have no "match" rules`);
  if (parts.quick) return refused(`before 4.7 a translation cannot end the evaluation of filter rules ("match quick")`);
  return replaced(lines);
}

/** `pass … nat-to` and `pass … rdr-to`: a translation, and a filter rule for what it makes. */
function passing(parts: RuleParts): Outcome {
  const lines: NewLine[] = [];
  const nat = clause(parts, "nat-to");
  const rdr = clause(parts, "rdr-to");
  const binat = clause(parts, "binat-to");
  if (binat !== undefined) lines.push(translation(parts, "binat", false, binat.value));
  let rule = without(parts, "nat-to", "rdr-to", "binat-to");
  if (nat !== undefined) {
    lines.push(translation(parts, "nat", false, nat.value));
    const { ports } = splitEnd(parts.from);
    rule = { ...rule, from: [targetOf(nat.value).address, ports].filter(Boolean).join(" ") };
  }
  if (rdr !== undefined) {
    lines.push(translation(parts, "rdr", false, rdr.value));
    const { address, port } = targetOf(rdr.value);
    const ports = port === undefined ? splitEnd(parts.to).ports : `port ${port.replace(":*", "")}`;
    rule = { ...rule, to: [address, ports].filter(Boolean).join(" ") };
  }
  if (binat === undefined) lines.push({ section: "filtering", text: partsText(rule) });
  return replaced(lines, "filter rules see translated packets: this one now asks for the address after translation");
}

/** `set queue x` is `queue x`. */
function filter(parts: RuleParts): Outcome {
  const set = clause(parts, "set");
  const scrub = clause(parts, "scrub");
  if (scrub !== undefined) return refused("before 4.7 scrub is a separate rule, not part of a filter rule");
  if (set === undefined) return kept("filtering");
  const queue = set.value.replace(/^\(\s*|\s*\)$/g, "").replace(/^queue\s*/, "");
  const clauses = parts.clauses.map((one) => (one === set ? { name: "queue", value: queue } : one));
  return replaced([{ section: "filtering", text: partsText({ ...parts, clauses }) }]);
}
