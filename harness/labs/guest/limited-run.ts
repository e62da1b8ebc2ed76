/**
 * The lab's own programs on a guest (pfctl, topology.sh, rcctl …) end soon. One that does not is given up, and the guest
 * with it: nobody knows in which state it is.
 *
 * @example
 * tools.run = limitedRun(tools.run.bind(tools), { name: "firewall", clock: realClock, onLate: (why) => guest.lose(why) });
 */

import type { Clock, Host } from "../../../proxy/host.ts";
import { LabLost } from "../../contract/lab.ts";

/** One program: on an emulated machine on a busy one half a second. */
const LIMIT_MS = 90_000;
/** A shell's file, with dozens of programs: such a machine builds its networks anew in half a minute, or in two. */
const FILE_LIMIT_MS = 300_000;

export interface LimitedRunOptions {
  /** The host's. */
  readonly name: string;
  readonly clock: Clock;
  /** A program has not ended in time. */
  readonly onLate: (why: string) => void;
}

/** As `run`, but rejects with LabLost when a program takes too long. */
export function limitedRun(run: Host["run"], { name, clock, onLate }: LimitedRunOptions): Host["run"] {
  return async (command, args, options = {}) => {
    const late = new AbortController();
    const limitMs = command === "sh" ? FILE_LIMIT_MS : LIMIT_MS;
    const why = `${name}: ${[command, ...args].join(" ")} has not ended in ${limitMs / 1000} s`;
    return await new Promise((resolve, reject) => {
      const timer = clock.after(limitMs, () => {
        onLate(why);
        reject(new LabLost(why));
        late.abort();
      });
      options.signal?.addEventListener("abort", () => late.abort(), { once: true });
      if (options.signal?.aborted === true) late.abort();
      run(command, args, { ...options, signal: late.signal })
        .finally(() => timer.cancel())
        .then(resolve, reject);
    });
  };
}
