/**
 * Translation and scrub rules of the era `rdr-anchor`: `nat on em0 inet from 10.0.0.0/8 to any -> (em0)`.
 *
 * translation = ["no"] ("nat" | "rdr" | "binat") ["pass"] [log] ["on" interfaces] [family] ["proto" protocols] ends
 *               ["tag" name] [["!"] "tagged" name] ["rtable" N] ["->" pool]
 * anchor      = ("nat-anchor" | "rdr-anchor" | "binat-anchor") name ["on" …] [family] ["proto" …] ends
 *               ["{" newline {translation} "}"]
 * scrub       = ["no"] "scrub" ["in" | "out"] [log] ["on" interfaces] [family] ["proto" protocols] ends
 *               {"no-df" | "min-ttl" N | "max-mss" N | "random-id" | "reassemble" "tcp"
 *               | "fragment" ("reassemble" | "crop" | "drop-ovl")}
 */

import type { ScrubRule, Translation, TranslationType } from "../../rule.ts";
import { rtable } from "../clauses/filter-options.ts";
import { type ScrubDraft, scrubOption } from "../clauses/packet-actions.ts";
import { pool } from "../clauses/pool-clause.ts";
import { direction, familyOf, head, logQuick } from "../clauses/rule-head.ts";
import type { Context } from "../context.ts";
import { type Draft, emptyDraft } from "../expansion/draft.ts";
import { expandRule } from "../expansion/expand.ts";
import type { PoolNode } from "../nodes.ts";
import { LABEL_SIZE } from "../tokens/limits.ts";
import type { Reader } from "../tokens/reader.ts";
import { anchorName } from "./anchor-statement.ts";

const translationWords: ReadonlySet<string> = new Set(["nat", "rdr", "binat"]);

/** At the first word of a statement; false if it begins neither a translation nor a scrub rule. */
export function oldStatement(context: Context, kind: string): boolean {
  const { reader } = context;
  if (kind.endsWith("-anchor")) {
    translationAnchorStatement(context);
    return true;
  }
  const exempt = reader.accept("no");
  if (reader.peek() === "scrub") scrubStatement(context, exempt);
  else if (translationWords.has(reader.peek())) translationStatement(context, exempt);
  else return false;
  return true;
}

/** At `nat`, `rdr` or `binat`; `exempt` if `no` stood before. */
function translationStatement(context: Context, exempt: boolean): void {
  const { reader } = context;
  const place = { file: reader.file, line: reader.line };
  const type = reader.peek() as TranslationType;
  reader.take();
  context.inOrder("translation");
  const pass = !exempt && reader.accept("pass");
  const { log } = reader.peek() === "log" ? logQuick(reader) : {};
  const criteria = head(context);
  const draft = emptyDraft("pass", place, undefined, familyOf(criteria));
  draft.translation = { type, exempt, pass };
  draft.log = log;
  translationOptions(context, draft);
  const target = targetPool(context, type, exempt);
  reader.endOfStatement();
  expandRule(context, draft, criteria, { [type === "binat" ? "route" : type]: target });
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
function translationAnchorStatement(context: Context): void {
  const { reader } = context;
  const place = { file: reader.file, line: reader.line };
  const type = reader.peek().slice(0, -"-anchor".length) as TranslationType;
  reader.take();
  context.inOrder("translation");
  const name = anchorName(context) ?? reader.syntaxError();
  const criteria = head(context);
  const rules = inlineTranslations(context);
  reader.endOfStatement();
  const draft = emptyDraft("pass", place, undefined, familyOf(criteria));
  draft.translation = { type, exempt: false, pass: false, anchor: name, ...(rules && { rules }) };
  expandRule(context, draft, criteria);
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

/** At `scrub`; `exempt` if `no` stood before it. */
function scrubStatement(context: Context, exempt: boolean): void {
  const { reader } = context;
  const place = { file: reader.file, line: reader.line };
  reader.take();
  context.inOrder("normalization");
  const toward = direction(reader);
  const { log } = reader.peek() === "log" ? logQuick(reader) : {};
  const criteria = head(context);
  const scrub: ScrubDraft = {};
  let fragments: ScrubRule["fragments"] | undefined;
  while (reader.peek() !== "\n") {
    if (reader.accept("fragment")) {
      if (fragments !== undefined) reader.fail("fragcache cannot be respecified");
      fragments = fragmentHandling(reader);
    } else scrubOption(reader, scrub);
    reader.accept(",");
  }
  const draft = emptyDraft("pass", place, toward, familyOf(criteria));
  draft.log = log;
  draft.scrubRule = { exempt, fragments: fragments ?? "reassemble" };
  draft.scrub = scrub;
  expandRule(context, draft, criteria);
}

function fragmentHandling(reader: Reader): ScrubRule["fragments"] {
  const kind = reader.peek();
  if (kind !== "reassemble" && kind !== "crop" && kind !== "drop-ovl") return reader.syntaxError();
  reader.take();
  return kind;
}
