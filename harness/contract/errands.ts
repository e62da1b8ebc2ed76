/** What a client's user wants, as a scenario gives it to a client that acts by itself. */

import type { Mode } from "./scenario.ts";

export interface Wish {
  readonly what: "list" | "fetch" | "store" | "talk";
  readonly mode?: Mode;
  /** The file, if not the one that every plain server has. */
  readonly name?: string;
  /** Its contents are not known, so any that end well are right. */
  readonly unknown?: boolean;
}

/** The part of a client that does errands by itself. What came of them is in `Taken.errands`. */
export interface ErrandsPart {
  /** Settles when it has done all that it can. An errand that fails stops nothing. */
  does(errands: readonly Wish[]): Promise<void>;
}
