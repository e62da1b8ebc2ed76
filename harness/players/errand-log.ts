/**
 * What a client was asked to do and what came of it, in the words of the client itself: for players that know their
 * errands (`Taken.errands`).
 *
 * @example
 * await log.does({ what: "fetch", name: "file", of: 46_890 }, () => download()); // resolves to the bytes that came
 * log.errands; // [{ what: "fetch", name: "file", verdict: "done", bytes: 46890, of: 46890 }]
 */

import type { Errand } from "../../reports/model.ts";
import { Deviation, StepFailure } from "../contract/script.ts";

export class ErrandLog {
  readonly errands: Errand[] = [];

  /** Notes how it ends; rejects as the action does. `action` returns the number of bytes that came, where it knows. */
  async does(errand: Pick<Errand, "what" | "name" | "of">, action: () => Promise<number | undefined>): Promise<void> {
    try {
      const bytes = await action();
      this.errands.push({ ...errand, verdict: "done", ...(bytes === undefined ? {} : { bytes }) });
    } catch (error) {
      const notice = error instanceof Deviation ? error.actual : error instanceof Error ? error.message : `${error}`;
      this.errands.push({ ...errand, verdict: "failed", notice });
      throw error;
    }
  }
}

/** An errand that failed is in the log, and the client goes on to the next. */
export async function goingOn(errand: Promise<void>): Promise<void> {
  try {
    await errand;
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
  }
}
