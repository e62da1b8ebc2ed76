/**
 * What rulesets of the era `rdr-anchor` (OpenBSD before 4.7, FreeBSD) have besides filter rules: translation rules in
 * lists of their own, asked before the filter rules, and scrub rules, asked before those. In each list the first match
 * wins; filter rules then see the translated packet.
 *
 * `rdr pass on em1 inet proto tcp from any to any port 21 -> 127.0.0.1 port 8021`
 */

import type { Criteria, Direction, LogOptions, Pool, ScrubActions } from "./rule.ts";

export type TranslationType = "nat" | "rdr" | "binat";

interface Placed {
  /** 1-based. */
  readonly line: number;
  readonly file?: string;
}

export interface TranslationRule extends Criteria, Placed {
  readonly kind: "translation";
  readonly type: TranslationType;
  /** `no nat`, `no rdr`, `no binat`: what matches is not translated, and later rules are not asked. */
  readonly exempt?: boolean;
  /** `rdr pass`: what matches passes without asking the filter rules, and keeps state. */
  readonly pass?: boolean;
  readonly log?: LogOptions;
  readonly tag?: string;
  readonly rtable?: number;
  /** Absent on exemptions. nat: the new source, rdr: the new destination, binat: either, by direction. */
  readonly pool?: Pool;
}

/** `nat-anchor "ftp-proxy/*"`: calls the rules of that type in the anchor. */
export interface TranslationAnchor extends Criteria, Placed {
  readonly kind: "translation-anchor";
  readonly type: TranslationType;
  readonly name: string;
  /** Written in place; as pfctl shows loaded anchors with `-a '*'`. */
  readonly rules?: readonly Translation[];
}

export type Translation = TranslationRule | TranslationAnchor;

/** `scrub in on em0 all no-df fragment reassemble`. */
export interface ScrubRule extends Criteria, Placed {
  readonly kind: "scrub";
  readonly direction?: Direction;
  readonly exempt?: boolean;
  readonly log?: LogOptions;
  readonly scrub: ScrubActions;
  readonly fragments: "reassemble" | "crop" | "drop-ovl";
}
