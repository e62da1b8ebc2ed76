/**
 * The runner's clock and timers, and waits with a limit, for labs in real time.
 *
 * @example
 * limited(promise, { limitMs: 5_000, signal, onLost: (lose) => guest.onLost((why) => lose(new LabLost(why))) })
 */

import type { Clock } from "../../../proxy/host.ts";
import { LimitError } from "../../contract/lab.ts";

export const realClock: Clock = {
  // Monotonic, unlike Date, and with fractions: packets of one millisecond keep their order.
  now: () => performance.timeOrigin + performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    // A limit that is still running must not keep the process alive; the agents' pipes do.
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

export interface Limits {
  readonly limitMs: number;
  /** Of the run. */
  readonly signal: AbortSignal | undefined;
  /** Calls `lose` when the lab is lost, at once if it is. Returns a function that takes this back. */
  readonly onLost: (lose: (error: Error) => void) => () => void;
}

/** Settles with the promise; rejects when its time is up, the run is stopped, or the lab is lost. */
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
