/** What lint has to say about one place in a rule set. */

export interface Finding {
  /** Name of the check, `anchor-after-nat`. */
  readonly check: string;
  /** 1-based. For what is missing: the line where it should go. */
  readonly line: number;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** What comes of it, and where that is written. */
  readonly why: string;
  readonly correction: Correction;
}

export interface Correction {
  /** The lines as they should be; empty if only the reader can know. */
  readonly lines: readonly string[];
  /** Where they go. */
  readonly place: "instead of" | "before" | "after";
  /** The line that `place` speaks of. */
  readonly at: number;
  /** They stand elsewhere now, and are taken away from that line. */
  readonly moved?: number;
}

export const NO_CORRECTION = (at: number): Correction => ({ lines: [], place: "instead of", at });
