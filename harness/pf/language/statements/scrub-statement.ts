/**
 * Scrub rules of the era `rdr-anchor`.
 *
 * scrub = ["no"] "scrub" ["in" | "out"] [log] ["on" interfaces] [family] ["proto" protocols] ends
 *         {"no-df" | "min-ttl" N | "max-mss" N | "random-id" | "reassemble" "tcp"
 *         | "fragment" ("reassemble" | "crop" | "drop-ovl")}
 */

import { fromTo } from "../clauses/host-clause.ts";
import { onInterfaces } from "../clauses/interface-clause.ts";
import { logQuick } from "../clauses/log-clause.ts";
import { type ScrubDraft, scrubOption } from "../clauses/scrub-options.ts";
import type { Context } from "../context.ts";
import { emptyDraft } from "../expansion/draft.ts";
import { expandRule } from "../expansion/expand.ts";
import type { Reader } from "../tokens/reader.ts";
import { addressFamily, protocols } from "../tokens/values.ts";
import { inOrder } from "./order.ts";
import { commonFamily, direction } from "./rule-statement.ts";

/** At `scrub`; `exempt` if `no` stood before it. */
export function scrubStatement(context: Context, exempt: boolean): void {
  const { reader } = context;
  const place = { file: reader.file, line: reader.line };
  reader.take();
  inOrder(context, "normalization");
  const toward = direction(reader);
  const { log } = reader.peek() === "log" ? logQuick(reader) : {};
  const interfaces = onInterfaces(context);
  const family = addressFamily(reader);
  const among = protocols(reader);
  const ends = fromTo(context);
  const scrub: ScrubDraft = {};
  let fragments: "reassemble" | "crop" | "drop-ovl" | undefined;
  while (reader.peek() !== "\n") {
    if (reader.accept("fragment")) {
      if (fragments !== undefined) reader.fail("fragcache cannot be respecified");
      fragments = fragmentHandling(reader);
    } else scrubOption(reader, scrub);
    reader.accept(",");
  }
  const draft = emptyDraft("pass", place, toward, family);
  draft.log = log;
  draft.scrubRule = { exempt, fragments: fragments ?? "reassemble" };
  draft.scrub = scrub;
  draft.family ??= commonFamily(ends.source.hosts);
  draft.family ??= commonFamily(ends.destination.hosts);
  expandRule(context, draft, { ends, ...(interfaces && { interfaces }), ...(among && { protocols: among }) }, {});
}

function fragmentHandling(reader: Reader): "reassemble" | "crop" | "drop-ovl" {
  const kind = reader.peek();
  if (kind !== "reassemble" && kind !== "crop" && kind !== "drop-ovl") return reader.syntaxError();
  reader.take();
  return kind;
}
