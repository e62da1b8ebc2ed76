/**
 * Converts one statement from one era to another. A converter serves one text, statement by statement in order, since
 * the results of earlier statements matter to later ones.
 *
 * The two languages since 4.7 differ in a few words. For ftp-proxy it is one: `rdr-to` until 4.9, when the proxy asked
 * PF for the original destination; `divert-to` since 5.0, when its socket has it.
 */

import { ERA_NAMES, type Era } from "../../pf/language/eras.ts";
import { clause, partsOf, partsText, type RuleParts } from "../../pf/text/rule-parts.ts";
import { macrosOf, type Statement } from "../../pf/text/statements.ts";
import { type ClassicMemory, fromClassic } from "./from-classic.ts";
import {
  type Expand,
  isToFtp,
  kept,
  laterSetAction,
  type Outcome,
  proxyTarget,
  refused,
  replaced,
  without,
} from "./outcome.ts";
import { toClassic } from "./to-classic.ts";

export function statementConverter(
  text: string,
  statements: readonly Statement[],
  from: Era,
  to: Era,
): (statement: Statement) => Outcome {
  const macros = macrosOf(statements);
  const expand: Expand = (words) => words.replaceAll(/\$(\w+)/g, (all, name: string) => macros.get(name) ?? all);
  const memory: ClassicMemory = { anchors: new Set(), exempted: new Set() };
  const anyTags = statements.some(({ tokens }) =>
    tokens.some((token) => token.text === "tag" || token.text === "tagged"),
  );
  let blocked = false;
  const convertRule = (statement: Statement): Outcome => {
    const parts = partsOf(statement, text);
    if (parts === undefined) return other(statement, from, to);
    if (from === to) return kept("filtering");
    const blockedBefore = blocked;
    if (parts.quick && parts.action.startsWith("block")) blocked = true;
    if (from === "rdr-anchor") return fromClassic(parts, to, expand, memory, anyTags);
    if (to === "rdr-anchor") return toClassic(parts, expand, statement.depth, blockedBefore);
    return to === "rdr-to" ? toRdrTo(parts) : toDivertTo(parts, expand);
  };
  // The head of an inline anchor holds no rules that could be loaded, and calls nothing but what follows it.
  return (statement) => {
    const outcome = convertRule(statement);
    return statement.opensBlock && outcome.kind !== "refused" ? kept("filtering") : outcome;
  };
}

/** Statements that are no rules. */
function other({ keyword, isMacro, tokens, depth }: Statement, from: Era, to: Era): Outcome {
  if (isMacro || keyword === "table" || keyword === "include") return kept("any");
  if (keyword === "}") return kept("filtering");
  if (keyword === "set") return option(tokens[1]?.text ?? "", from, to);
  if (keyword === "altq" || keyword === "queue") {
    const crosses = from === "divert-to" || to === "divert-to";
    return crosses ? refused("queues were written differently before 5.5, with altq") : kept("queueing");
  }
  return kept(depth > 0 || keyword !== "load" ? "filtering" : "any");
}

function option(name: string, from: Era, to: Era): Outcome {
  if (name === "syncookies" && to !== "divert-to") return refused(`"set syncookies" came later than that era`);
  if (name === "require-order" && to !== "rdr-anchor") {
    return { kind: "dropped", remark: "since 4.7 statements may stand in any order" };
  }
  if (name === "reassemble" && to === "rdr-anchor") {
    return replaced([{ section: "normalization", text: "scrub in all fragment reassemble" }]);
  }
  if (name === "state-defaults" && from !== to && to === "rdr-anchor") {
    return refused(`"set state-defaults" is not known to all systems of that era; write the options into the rules`);
  }
  return kept("options");
}

/** Words of 5.0 and later, as the parser of the era knows them. */
const SINCE_5_0 = ["divert-reply", "af-to", "once", "received-on", "! received-on", "prio", "max-pkt-rate"];

function toRdrTo(parts: RuleParts): Outcome {
  const foreign = parts.clauses.find(({ name }) => SINCE_5_0.includes(name)) ?? laterSetAction(parts);
  if (foreign !== undefined) return refused(`"${foreign.name}" came later than ${ERA_NAMES["rdr-to"]}`);
  const divert = clause(parts, "divert-to");
  if (divert === undefined) return kept("filtering");
  const clauses = parts.clauses.map((one) => (one === divert ? { name: "rdr-to", value: one.value } : one));
  return replaced([{ section: "filtering", text: partsText({ ...parts, clauses }) }]);
}

function toDivertTo(parts: RuleParts, expand: Expand): Outcome {
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
