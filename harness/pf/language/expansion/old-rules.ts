/** Translation and scrub rules of the era `rdr-anchor` from their drafts: checks of `rdr`, and records. */

import type { Criteria, ScrubRule, Translation, TranslationRule } from "../../rule.ts";
import type { Context } from "../context.ts";
import { hasPorts } from "./checks.ts";
import { type Draft, type DraftTranslation, fillCriteria } from "./draft.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** False, with the errors reported, if the parts do not fit. Only `rdr` has such checks. */
export function oldRuleFits({ reader, release }: Context, draft: Draft): boolean {
  const { protocol, source, destination, translation, rdr } = draft;
  if (translation?.type !== "rdr" || translation.anchor !== undefined) return true;
  const complaints: string[] = [];
  if (!hasPorts(protocol, release)) {
    if (source.port !== undefined) complaints.push(`src port only applies to ${release.ported}`);
    if (destination.port !== undefined) complaints.push(`dst port only applies to ${release.ported}`);
    if (rdr?.port?.from) complaints.push(`rpool port only applies to ${release.ported}`);
  }
  if (destination.port !== undefined && destination.port.op !== "=" && destination.port.op !== ":") {
    complaints.push("invalid port operator for rdr destination port");
  }
  for (const text of complaints) reader.error(text);
  return complaints.length === 0;
}

function criteria(draft: Draft): Criteria {
  const rule: Writable<Criteria> = { source: draft.source, destination: draft.destination };
  fillCriteria(rule, draft);
  return rule;
}

export function addOldRule(context: Context, draft: Draft): void {
  const { translations, scrubs } = context.filling;
  if (draft.translation !== undefined) translations.push(finishTranslation(draft, draft.translation));
  else if (draft.scrubRule !== undefined) {
    const { line, file, log, scrub, rtable } = draft;
    const { exempt, fragments } = draft.scrubRule;
    const rule: ScrubRule = {
      kind: "scrub",
      ...criteria(draft),
      line,
      file,
      ...(exempt && { exempt }),
      ...(log && { log }),
      scrub: scrub ?? {},
      fragments,
      ...(rtable !== undefined && { rtable }),
    };
    scrubs.push(rule);
  }
}

function finishTranslation(draft: Draft, translation: DraftTranslation): Translation {
  const { type, exempt, pass, anchor, rules } = translation;
  const { line, file, log, tag, rtable } = draft;
  if (anchor !== undefined) {
    return {
      kind: "translation-anchor",
      type,
      name: anchor,
      ...criteria(draft),
      line,
      file,
      ...(rules && { rules }),
      ...(rtable !== undefined && { rtable }),
    };
  }
  const pool = draft.nat ?? draft.rdr ?? draft.routePool;
  const rule: TranslationRule = {
    kind: "translation",
    type,
    ...criteria(draft),
    line,
    file,
    ...(exempt && { exempt }),
    ...(pass && { pass }),
    ...(log && { log }),
    ...(tag !== "" && { tag }),
    ...(rtable !== undefined && { rtable }),
    ...(pool && { pool }),
  };
  return rule;
}
