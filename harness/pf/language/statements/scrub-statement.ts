/**
 * Scrub rules of the era `rdr-anchor`: `scrub in on em0 all no-df fragment reassemble`.
 *
 * scrub = ["no"] "scrub" ["in" | "out"] [log] ["on" interfaces] [family] ["proto" protocols] ends
 *         {"no-df" | "min-ttl" N | "max-mss" N | "set-tos" TOS | "random-id" | "reassemble" "tcp" | "rtable" N
 *         | ["!"] "tagged" name | "fragment" (["no"] "reassemble" | "crop" | "drop-ovl")}
 */

import type { ScrubRule } from "../../rule.ts";
import { rtable } from "../clauses/filter-options.ts";
import { fragmentHandling, type ScrubDraft, scrubOption } from "../clauses/packet-actions.ts";
import { direction, familyOf, head, logQuick } from "../clauses/rule-head.ts";
import type { Context } from "../context.ts";
import { type Draft, emptyDraft } from "../expansion/draft.ts";
import { expandRule } from "../expansion/expand.ts";
import { checkTags, tagged } from "./translation-words.ts";

/** At `scrub`; `exempt` if `no` stood before it. */
export function scrubStatement(context: Context, exempt: boolean): void {
  const { reader, release } = context;
  const place = { file: reader.file, line: reader.line };
  reader.take();
  const toward = direction(reader);
  const { log, quick } = logQuick(context);
  const criteria = head(context);
  const draft = emptyDraft("pass", place, toward, undefined);
  const scrub: ScrubDraft = {};
  let fragments: ScrubRule["fragments"] | undefined;
  while (reader.peek() !== "\n") {
    if (reader.accept("fragment")) {
      const handling = fragmentHandling(reader, release);
      if (fragments !== undefined) reader.fail("fragcache cannot be respecified");
      fragments = handling;
    } else if (!scrubCriterion(context, draft)) scrubOption(reader, scrub, release);
    // Since FreeBSD 15 commas may stand between them.
    if (release.scrubParentheses && reader.accept(",") && reader.peek() === "\n") reader.syntaxError();
  }
  context.inOrder("normalization");
  if (quick) reader.fail("scrub rules do not support 'quick'");
  if (scrub.reassembleTcp && toward !== undefined) reader.fail("reassemble tcp rules can not specify direction");
  checkTags(context, draft);
  draft.family = familyOf(criteria);
  draft.log = log;
  draft.scrubRule = { exempt, fragments: keptHandling(context, fragments) };
  draft.scrub = scrub;
  expandRule(context, draft, criteria);
}

/** FreeBSD reads `crop` and `drop-ovl` as `reassemble`. */
function keptHandling({ release }: Context, fragments: ScrubRule["fragments"] = "reassemble"): ScrubRule["fragments"] {
  return release.system === "FreeBSD" && fragments !== "no reassemble" ? "reassemble" : fragments;
}

/** `rtable N` and `[!] tagged NAME`, which stand among the actions. */
function scrubCriterion(context: Context, draft: Draft): boolean {
  if (!context.reader.accept("rtable")) return tagged(context, draft);
  draft.rtable = rtable(context);
  return true;
}
