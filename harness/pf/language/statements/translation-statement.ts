/**
 * Translation rules of the era `rdr-anchor`.
 *
 * translation = ["no"] ("nat" | "rdr" | "binat") ["pass"] [log] ["on" interfaces] [family] ["proto" protocols] ends
 *               ["tag" name] [["!"] "tagged" name] ["rtable" N] ["->" pool]
 * anchor      = ("nat-anchor" | "rdr-anchor" | "binat-anchor") name ["on" …] [family] ["proto" …] ends
 *               ["{" newline {translation} "}"]
 *
 * `nat on em0 inet from 10.0.0.0/8 to any -> (em0)`
 */

import type { Translation, TranslationType } from "../../translation.ts";
import { rtable } from "../clauses/filter-options.ts";
import { fromTo } from "../clauses/host-clause.ts";
import { onInterfaces } from "../clauses/interface-clause.ts";
import { logQuick } from "../clauses/log-clause.ts";
import type { FromTo, InterfaceNode, PoolNode } from "../clauses/nodes.ts";
import { pool } from "../clauses/pool-clause.ts";
import type { Context } from "../context.ts";
import { type Draft, emptyDraft } from "../expansion/draft.ts";
import { expandRule } from "../expansion/expand.ts";
import { LABEL_SIZE } from "../tokens/limits.ts";
import type { Reader } from "../tokens/reader.ts";
import { addressFamily, protocols } from "../tokens/values.ts";
import { anchorName } from "./anchor-statement.ts";
import { inOrder } from "./order.ts";
import { commonFamily } from "./rule-statement.ts";

export const translationWords: ReadonlySet<string> = new Set(["nat", "rdr", "binat"]);

/** At `nat`, `rdr` or `binat`; `exempt` if `no` stood before. */
export function translationStatement(context: Context, exempt: boolean): void {
  const { reader } = context;
  const place = { file: reader.file, line: reader.line };
  const type = reader.peek() as TranslationType;
  reader.take();
  inOrder(context, "translation");
  const pass = !exempt && reader.accept("pass");
  const { log } = reader.peek() === "log" ? logQuick(reader) : {};
  const { interfaces, family, among, ends } = criteria(context);
  const draft = emptyDraft("pass", place, undefined, family);
  draft.translation = { type, exempt, pass };
  draft.log = log;
  translationOptions(context, draft);
  const target = targetPool(context, type, exempt);
  reader.endOfStatement();
  draft.family ??= commonFamily(ends.source.hosts);
  draft.family ??= commonFamily(ends.destination.hosts);
  const lists = { ends, ...(interfaces && { interfaces }), ...(among && { protocols: among }) };
  const field = type === "rdr" ? "rdr" : type === "nat" ? "nat" : "route";
  expandRule(context, draft, lists, target === undefined ? {} : { [field]: target });
}

function criteria(context: Context): {
  interfaces: InterfaceNode[] | undefined;
  family: ReturnType<typeof addressFamily>;
  among: number[] | undefined;
  ends: FromTo;
} {
  const interfaces = onInterfaces(context);
  const family = addressFamily(context.reader);
  const among = protocols(context.reader);
  return { interfaces, family, among, ends: fromTo(context) };
}

function translationOptions(context: Context, draft: Draft): void {
  const { reader } = context;
  const name = (reading: Reader): string => {
    const text = reading.strings();
    return text.length < LABEL_SIZE ? text : reading.fail(`tag too long, max ${LABEL_SIZE - 1} chars`);
  };
  for (;;) {
    if (reader.accept("tag")) draft.tag = name(reader);
    else if (reader.accept("rtable")) draft.rtable = rtable(context);
    else if (reader.peek() === "!" || reader.peek() === "tagged") {
      const negated = reader.accept("!");
      reader.expect("tagged");
      draft.tagged = { tag: name(reader), negated };
    } else return;
  }
}

function targetPool(context: Context, type: TranslationType, exempt: boolean): PoolNode | undefined {
  const { reader } = context;
  if (!reader.accept("->")) return exempt ? undefined : reader.fail(`${type} rule requires '-> address'`);
  const target = pool(context);
  if (exempt) reader.fail(`'no ${type}' rule does not need '->'`);
  return target;
}

/** At `nat-anchor`, `rdr-anchor` or `binat-anchor`. */
export function translationAnchorStatement(context: Context): void {
  const { reader } = context;
  const place = { file: reader.file, line: reader.line };
  const type = reader.peek().slice(0, -"-anchor".length) as TranslationType;
  reader.take();
  inOrder(context, "translation");
  const name = anchorName(context) ?? reader.syntaxError();
  const { interfaces, family, among, ends } = criteria(context);
  const rules = inlineTranslations(context);
  reader.endOfStatement();
  const draft = emptyDraft("pass", place, undefined, family);
  draft.translation = { type, exempt: false, pass: false, anchor: name, ...(rules && { rules }) };
  draft.family ??= commonFamily(ends.source.hosts);
  draft.family ??= commonFamily(ends.destination.hosts);
  expandRule(context, draft, { ends, ...(interfaces && { interfaces }), ...(among && { protocols: among }) }, {});
}

/** As pfctl shows loaded anchors, `{ … }`; the rules go into a list of their own. */
function inlineTranslations(context: Context): readonly Translation[] | undefined {
  const { reader } = context;
  if (!reader.accept("{")) return undefined;
  const outer = context.filling.translations.splice(0);
  let rules: Translation[] = [];
  context.nested(() => {
    reader.expect("\n");
    while (reader.peek() !== "}") {
      const kind = reader.peek();
      const exempt = reader.accept("no");
      if (translationWords.has(reader.peek())) translationStatement(context, exempt);
      else if (!exempt && kind.endsWith("-anchor")) translationAnchorStatement(context);
      reader.expect("\n");
    }
    reader.take();
    rules = context.filling.translations.splice(0);
  });
  context.filling.translations.push(...outer);
  return rules;
}
