/**
 * A wait in a lab of real time: it ends with what it waits for, when its time is up, when the run is stopped, or when
 * the lab is lost.
 *
 * @example
 * limited(promise, { limitMs: 5_000, signal, onLost: (lose) => guest.onLost((why) => lose(new LabLost(why))) })
 */

import { realClock } from "../../agent/runner/real-clock.ts";
import { LimitError } from "../../contract/lab.ts";

export interface Limits {
  readonly limitMs: number;
  /** Of the run. */
  readonly signal: AbortSignal | undefined;
  /** Has `lose` called when the lab is lost, at once if it is. Answers how to take that back. */
  readonly onLost: (lose: (error: Error) => void) => () => void;
}

export function limited<T>(promise: Promise<T>, { limitMs, signal, onLost }: Limits): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new LimitError("the run was stopped"));
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
    const forget = onLost(reject);
    const timer = realClock.after(limitMs, () => reject(new LimitError(`no end after ${limitMs / 1000} s`)));
    promise
      .finally(() => {
        timer.cancel();
        forget();
        signal?.removeEventListener("abort", stop);
      })
      .then(resolve, reject);
  });
}
