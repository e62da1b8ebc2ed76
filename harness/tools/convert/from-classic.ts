/**
 * From the language before 4.7 (and FreeBSD's) to the ones since: translation rules become `match` rules with
 * `nat-to` and `rdr-to`, the redirection to ftp-proxy a `pass in quick`, three anchor rules one.
 */

import type { Era } from "../../pf/language/eras.ts";
import { type Clause, clause, partsText, type RuleParts } from "../../pf/text/rule-parts.ts";
import { type Expand, isToFtp, kept, type Outcome, proxyTarget, refused, replaced, without } from "./outcome.ts";

/** What earlier statements have made of it so far. */
export interface ClassicMemory {
  /** Names of anchors that have their one rule already. */
  readonly anchors: Set<string>;
  /** Kinds of translation for which exemptions (`no nat`) were met: later rules must spare what these tagged. */
  readonly exempted: Set<string>;
}

/** Tags that stand for `no nat` and `no rdr`. */
const exemption = (kind: string): string => `CONVERTED_NO_${kind.toUpperCase()}`;

export function fromClassic(
  parts: RuleParts,
  to: Era,
  expand: Expand,
  memory: ClassicMemory,
  anyTags: boolean,
): Outcome {
  const { action } = parts;
  if (/^(?:nat-|rdr-|binat-)?anchor/.test(action)) return anchor(parts, memory);
  const routing = parts.clauses.find(({ name }) => ["route-to", "reply-to", "dup-to"].includes(name));
  if (routing !== undefined)
    return refused(`"${routing.name} ${routing.value}" names an interface, which since 4.7 it cannot`);
  if (action.startsWith("no ")) return exempt(parts, action.slice(3), memory, anyTags);
  switch (action) {
    case "nat":
      return translation(parts, "out", "nat-to", memory);
    case "rdr":
      return toProxy(parts, to, expand) ?? translation(parts, "in", "rdr-to", memory);
    case "binat":
      return translation(parts, undefined, "binat-to", memory);
    case "scrub":
      return scrub(parts);
    default:
      return kept("filtering");
  }
}

function anchor(parts: RuleParts, { anchors }: ClassicMemory): Outcome {
  const [, kind = "", name = ""] = /^((?:nat-|rdr-|binat-)?)anchor ?(.*)$/.exec(parts.action) ?? [];
  if (name === "") return kept("filtering");
  if (kind === "" && !anchors.has(name)) return kept("filtering");
  if (anchors.has(name)) return { kind: "dropped", remark: `one rule calls all of anchor ${name}` };
  anchors.add(name);
  return replaced([{ section: "filtering", text: partsText({ ...parts, action: `anchor ${name}` }) }]);
}

/** The rule of ftp-proxy's manual. */
function toProxy(parts: RuleParts, to: Era, expand: Expand): Outcome | undefined {
  const target = proxyTarget(parts, "->", expand);
  if (target === undefined || !isToFtp(parts, expand)) return undefined;
  const clauses = [...without(parts, "->").clauses, { name: to === "rdr-to" ? "rdr-to" : "divert-to", value: target }];
  const text = partsText({ ...parts, action: "pass", passes: false, direction: "in", quick: true, clauses });
  const remark = parts.passes
    ? undefined
    : "the filter rule that let these connections in to the proxy's port is not needed any more";
  return replaced([{ section: "filtering", text }], remark);
}

function translation(
  parts: RuleParts,
  direction: "in" | "out" | undefined,
  name: "nat-to" | "rdr-to" | "binat-to",
  { exempted }: ClassicMemory,
): Outcome {
  const pool = clause(parts, "->");
  if (pool === undefined) return refused(`"${parts.action}" without "->": not a rule of that language`);
  const spared: Clause[] = exempted.has(parts.action) ? [{ name: "! tagged", value: exemption(parts.action) }] : [];
  if (spared.length > 0 && parts.clauses.some((one) => one.name.endsWith("tagged"))) {
    return refused(`it asks for a tag, and the exemption "no ${parts.action}" above can only be kept with one`);
  }
  const clauses = [...without(parts, "->").clauses, ...spared, { name, value: pool.value }];
  const base = { ...parts, passes: false, clauses, ...(direction !== undefined && { direction }) };
  const text = partsText({ ...base, action: parts.passes ? "pass" : "match", quick: parts.passes });
  return replaced([{ section: "filtering", text }]);
}

/** First match wins there, all matches count here: what is exempt gets a tag, and later rules ask for its absence. */
function exempt(parts: RuleParts, kind: string, { exempted }: ClassicMemory, anyTags: boolean): Outcome {
  if (kind === "scrub" || kind === "binat") return refused(`"no ${kind}" has no equivalent`);
  if (anyTags) return refused(`"no ${kind}" can only be kept with a tag, and the rule set uses tags for other things`);
  exempted.add(kind);
  const direction = kind === "nat" ? ("out" as const) : ("in" as const);
  const clauses = [...parts.clauses, { name: "tag", value: exemption(kind) }];
  return replaced([{ section: "filtering", text: partsText({ ...parts, action: "match", direction, clauses }) }]);
}

/** Fragments are put together by default; what else was asked becomes an option of `match`. */
function scrub(parts: RuleParts): Outcome {
  const options = parts.clauses
    .filter(({ name, value }) => name !== "fragment" && !(name === "reassemble" && value === ""))
    .map(({ name, value }) => [name, value].filter(Boolean).join(" "));
  if (options.length === 0)
    return { kind: "dropped", remark: "PF reassembles fragments by default (set reassemble yes)" };
  const head = without(parts, ...parts.clauses.map(({ name }) => name));
  return replaced([
    { section: "filtering", text: `${partsText({ ...head, action: "match" })} scrub (${options.join(" ")})` },
  ]);
}
