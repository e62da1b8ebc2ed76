/**
 * One statement from one era to another. A converter is made for one text, and is given its statements in order: what
 * became of earlier ones matters to later ones.
 */

import type { Era } from "../../pf/language/eras.ts";
import { partsOf } from "../../pf/text/rule-parts.ts";
import { macrosOf, type Statement } from "../../pf/text/statements.ts";
import { toDivertTo, toRdrTo } from "./between-modern.ts";
import { type ClassicMemory, fromClassic } from "./from-classic.ts";
import type { Expand } from "./ftp-rules.ts";
import { kept, type Outcome, refused, replaced } from "./outcome.ts";
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
