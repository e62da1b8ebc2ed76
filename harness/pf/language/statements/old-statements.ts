/**
 * Translation rules of the era `rdr-anchor`: `nat on em0 inet from 10.0.0.0/8 to any -> (em0)`.
 *
 * translation = ["no"] ("nat" | "rdr") ["pass"] [log] ["on" interfaces] [family] ["proto" protocols] ends
 *               ["tag" name] [["!"] "tagged" name] ["rtable" N] ["->" pool] {pool option}
 * anchor      = ("nat-anchor" | "rdr-anchor" | "binat-anchor") name ["on" …] [family] ["proto" …] ends ["rtable" N]
 *               ["{" newline {translation} "}"]
 *
 * The rule takes the family of its first source, else of its first destination, else of its first target; what is of
 * the other family is dropped.
 */

import type { Translation, TranslationType } from "../../rule.ts";
import { rtable } from "../clauses/filter-options.ts";
import { poolOptions, poolTarget } from "../clauses/pool-clause.ts";
import { familyOf, type Head, head } from "../clauses/rule-head.ts";
import type { Context } from "../context.ts";
import { type Draft, emptyDraft } from "../expansion/draft.ts";
import { expandRule } from "../expansion/expand.ts";
import { listedPool, settledPool } from "../expansion/listed-pools.ts";
import type { EndNode } from "../nodes.ts";
import { anchorName } from "./anchor-statement.ts";
import { binatStatement } from "./binat-statement.ts";
import { scrubStatement } from "./scrub-statement.ts";
import { checkTags, passLog, tagsAndTable } from "./translation-words.ts";

/** At the first word of a statement; false if it begins neither a translation nor a scrub rule. */
export function oldStatement(context: Context, kind: string): boolean {
  const { reader } = context;
  if (kind.endsWith("-anchor")) {
    translationAnchorStatement(context);
    return true;
  }
  const exempt = reader.accept("no");
  if (reader.peek() === "scrub") scrubStatement(context, exempt);
  else return translation(context, exempt);
  return true;
}

function translation(context: Context, exempt: boolean): boolean {
  const word = context.reader.peek();
  if (word === "nat" || word === "rdr") translationStatement(context, word, exempt);
  else if (word === "binat") binatStatement(context, exempt);
  else return false;
  return true;
}

function translationStatement(context: Context, type: "nat" | "rdr", exempt: boolean): void {
  const { reader } = context;
  const place = { file: reader.file, line: reader.line };
  reader.take();
  const { pass, log } = passLog(context, exempt);
  const criteria = head(context);
  const draft = emptyDraft("pass", place, undefined, firstFamily(criteria));
  draft.translation = { type, exempt, pass };
  draft.log = log;
  tagsAndTable(context, draft);
  const target = reader.accept("->") ? poolTarget(context) : undefined;
  const options = poolOptions(context);
  reader.endOfStatement();
  context.inOrder("translation");
  checkTags(context, draft);
  if (exempt && target !== undefined) reader.fail("translation rule with 'no' does not need '->'");
  if (!exempt && target === undefined) reader.fail("translation rule requires '-> address'");
  const pool = target && settledPool(context, draft, { ...target, ...options, binat: false }, type);
  if (pool === undefined || context.release.poolsByRule) expandRule(context, draft, criteria, { [type]: pool });
  else {
    const [port] = criteria.ends.destination.ports ?? [];
    if (port !== undefined) draft.destination = { ...draft.destination, port };
    const ready = listedPool(context, draft, pool, type) ?? reader.abandon();
    expandRule(context, draft, criteria, { ready: { [type]: ready } });
  }
}

/** Of the first source or destination, unless that is a link-local address. */
function firstFamily({ family, ends }: Head): Draft["family"] {
  const ofFirst = ({ hosts }: EndNode) => (hosts?.[0]?.scope === 0 ? hosts[0].family : undefined);
  return family ?? ofFirst(ends.source) ?? ofFirst(ends.destination);
}

/** At `nat-anchor`, `rdr-anchor` or `binat-anchor`. */
function translationAnchorStatement(context: Context): void {
  const { reader } = context;
  const place = { file: reader.file, line: reader.line };
  const type = reader.peek().slice(0, -"-anchor".length) as TranslationType;
  reader.take();
  const name = anchorName(context) ?? reader.syntaxError();
  const criteria = head(context);
  const table = reader.accept("rtable") ? rtable(context) : undefined;
  const rules = inlineTranslations(context);
  reader.endOfStatement();
  context.inOrder("translation");
  const complaint = anchorComplaint(type, criteria);
  if (complaint !== undefined) reader.fail(complaint);
  const draft = emptyDraft("pass", place, undefined, familyOf(criteria));
  draft.rtable = table;
  draft.translation = { type, exempt: false, pass: false, anchor: name, ...(rules && { rules }) };
  // pfctl forgets the interfaces of a binat-anchor.
  expandRule(context, draft, type === "binat" ? { ...criteria, interfaces: undefined } : criteria);
}

function anchorComplaint(type: TranslationType, { protocols, ends }: Head): string | undefined {
  const { source, destination } = ends;
  if (type === "rdr") {
    if (source.ports !== undefined) return "source port parameter not supported in rdr-anchor";
    const [port, next] = destination.ports ?? [];
    if (next !== undefined) return "destination port list expansion not supported in rdr-anchor";
    if (port !== undefined && port.op !== "=") return "destination port operators not supported in rdr-anchor";
  }
  if (type === "binat") {
    if ((protocols?.length ?? 0) > 1) return "proto list expansion not supported in binat-anchor";
    const given = [source.hosts, source.ports, destination.hosts, destination.ports];
    if (given.some((list) => list !== undefined)) return "fromto parameter not supported in binat-anchor";
  }
  return undefined;
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
      if (reader.peek().endsWith("-anchor")) translationAnchorStatement(context);
      else if (reader.peek() !== "\n" && !translation(context, reader.accept("no"))) reader.syntaxError();
      reader.expect("\n");
    }
    reader.take();
    rules = context.filling.translations.splice(0);
  });
  context.filling.translations.push(...outer);
  return rules;
}
