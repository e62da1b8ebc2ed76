/**
 * Between the two languages since 4.7. They differ in a few words; for ftp-proxy in one: `rdr-to` until 4.9, where the
 * proxy asks PF for the original destination, `divert-to` since 5.0, where the socket knows it.
 */

import { ERA_NAMES } from "../../pf/language/eras.ts";
import { clause, partsText, type RuleParts } from "../../pf/text/rule-parts.ts";
import { type Expand, isToFtp, proxyTarget, without } from "./ftp-rules.ts";
import { kept, type Outcome, refused, replaced } from "./outcome.ts";

/** Words of 5.0 and later, as the parser of the era knows them. */
const SINCE_5_0 = ["divert-reply", "af-to", "once", "received-on", "! received-on", "prio", "max-pkt-rate"];

export function toRdrTo(parts: RuleParts): Outcome {
  const foreign = parts.clauses.find(({ name }) => SINCE_5_0.includes(name)) ?? laterSetAction(parts);
  if (foreign !== undefined) return refused(`"${foreign.name}" came later than ${ERA_NAMES["rdr-to"]}`);
  const divert = clause(parts, "divert-to");
  if (divert === undefined) return kept("filtering");
  const clauses = parts.clauses.map((one) => (one === divert ? { name: "rdr-to", value: one.value } : one));
  return replaced([{ section: "filtering", text: partsText({ ...parts, clauses }) }]);
}

/** `set prio`, `set tos`, `set delay`; `set queue` may be written without `set`. */
export const laterSetAction = (parts: RuleParts) =>
  parts.clauses.find(({ name, value }) => name === "set" && !/^\(?\s*queue\b[^,]*\)?$/.test(value));

export function toDivertTo(parts: RuleParts, expand: Expand): Outcome {
  const target = proxyTarget(parts, "rdr-to", expand);
  if (target === undefined || !isToFtp(parts, expand)) return kept("filtering");
  const clauses = parts.clauses.map((one) => (one.name === "rdr-to" ? { name: "divert-to", value: one.value } : one));
  if (parts.action !== "match") return replaced([{ section: "filtering", text: partsText({ ...parts, clauses }) }]);
  const pass = partsText({ ...without(parts), action: "pass", quick: true, clauses });
  return replaced(
    [{ section: "filtering", text: pass }],
    "divert-to needs a pass rule: what this match rule translated now passes here",
  );
}
