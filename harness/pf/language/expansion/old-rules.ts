/** Translation and scrub rules of the era `rdr-anchor` from their drafts: checks and records. */

import { PROTOCOL } from "../../packet.ts";
import type { Criteria, ScrubRule, Translation, TranslationRule } from "../../rule.ts";
import type { Context } from "../context.ts";
import { type Draft, type DraftTranslation, fillCriteria } from "./draft.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** False, with the errors reported, if the parts do not fit. */
export function oldRuleFits({ reader }: Context, draft: Draft): boolean {
  const { protocol, source, destination, translation, routePool } = draft;
  const ported = source.port ?? destination.port ?? (draft.rdr?.port?.from || undefined);
  let fits = true;
  const refuse = (text: string): void => {
    reader.error(text);
    fits = false;
  };
  if (ported !== undefined && protocol !== PROTOCOL.tcp && protocol !== PROTOCOL.udp) {
    refuse("port only applies to tcp/udp");
  }
  if (translation?.type === "binat" && translation.anchor === undefined) {
    if (ported !== undefined) refuse("binat rule does not permit ports");
    const to = routePool?.address;
    const from = source.address;
    const bits = (spec: typeof from | undefined) => (spec?.kind === "network" ? spec.prefix : undefined);
    if (to !== undefined && bits(from) !== undefined && bits(to) !== undefined && bits(from) !== bits(to)) {
      refuse("'binat' source mask and redirect mask must be the same");
    }
  }
  return fits;
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
    const { line, file, log, scrub } = draft;
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
    };
    scrubs.push(rule);
  }
}

function finishTranslation(draft: Draft, translation: DraftTranslation): Translation {
  const { type, exempt, pass, anchor, rules } = translation;
  const { line, file, log, tag, rtable } = draft;
  if (anchor !== undefined) {
    return { kind: "translation-anchor", type, name: anchor, ...criteria(draft), line, file, ...(rules && { rules }) };
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
