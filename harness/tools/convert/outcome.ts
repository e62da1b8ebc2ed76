/** What becomes of one statement in another era. */

/** Before 4.7 statements stand in this order: pf.conf(5) of that time, "statement order". */
export type Section = "any" | "options" | "normalization" | "queueing" | "translation" | "filtering";

export interface NewLine {
  readonly section: Section;
  readonly text: string;
}

export type Outcome =
  | { readonly kind: "kept"; readonly section: Section }
  | { readonly kind: "replaced"; readonly lines: readonly NewLine[]; readonly remark?: string }
  | { readonly kind: "dropped"; readonly remark: string }
  | { readonly kind: "refused"; readonly reason: string };

export const kept = (section: Section): Outcome => ({ kind: "kept", section });

export const refused = (reason: string): Outcome => ({ kind: "refused", reason });

export const replaced = (lines: readonly NewLine[], remark?: string): Outcome =>
  remark === undefined ? { kind: "replaced", lines } : { kind: "replaced", lines, remark };
