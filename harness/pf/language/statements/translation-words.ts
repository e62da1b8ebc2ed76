/** Words that statements of the era `rdr-anchor` share: `pass log`, `tag x`, `! tagged y`, `rtable 1`. */

import { rtable } from "../clauses/filter-options.ts";
import { logQuick } from "../clauses/rule-head.ts";
import type { Context } from "../context.ts";
import type { Draft } from "../expansion/draft.ts";
import { LABEL_SIZE } from "../tokens/limits.ts";

/** `["pass"] [log]`, after the word of the rule. */
export function passLog(context: Context, exempt: boolean): { pass: boolean; log: Draft["log"] } {
  const { reader } = context;
  const pass = reader.accept("pass");
  const { log } = reader.peek() === "log" ? logQuick(context) : {};
  if (exempt && pass) reader.fail('"pass" not valid with "no"');
  return { pass, log };
}

/** `["tag" name] [["!"] "tagged" name] ["rtable" N]`; the names are judged when the statement is complete. */
export function tagsAndTable(context: Context, draft: Draft): void {
  const { reader } = context;
  if (reader.accept("tag")) draft.tag = reader.string();
  tagged(context, draft);
  if (reader.accept("rtable")) draft.rtable = rtable(context);
}

/** `["!"] "tagged" name`; false if it is not there. */
export function tagged({ reader }: Context, draft: Draft): boolean {
  if (reader.peek() !== "!" && reader.peek() !== "tagged") return false;
  const negated = reader.accept("!");
  reader.expect("tagged");
  draft.tagged = { tag: reader.strings(), negated };
  return true;
}

export function checkTags({ reader }: Context, { tag, tagged }: Draft): void {
  for (const name of [tag, tagged?.tag ?? ""]) {
    if (name.length >= LABEL_SIZE) reader.fail(`tag too long, max ${LABEL_SIZE - 1} chars`);
  }
}
