/**
 * Scrub rules of the era `rdr-anchor`.
 *
 * scrub = ["no"] "scrub" ["in" | "out"] [log] ["on" interfaces] [family] ["proto" protocols] ends
 *         {"no-df" | "min-ttl" N | "max-mss" N | "random-id" | "reassemble" "tcp"
 *         | "fragment" ("reassemble" | "crop" | "drop-ovl")}
 */

import type { Context } from "./context.ts";
import { emptyDraft } from "./draft.ts";
import { expandRule } from "./expand.ts";
import { fromTo } from "./host-clause.ts";
import { onInterfaces } from "./interface-clause.ts";
import { logQuick } from "./log-clause.ts";
import { inOrder } from "./order.ts";
import type { Reader } from "./reader.ts";
import { commonFamily, direction } from "./rule-statement.ts";
import { type ScrubDraft, scrubOption } from "./scrub-options.ts";
import { addressFamily, protocols } from "./values.ts";

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
