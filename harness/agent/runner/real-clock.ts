/** The runner's clock and timers, for labs in real time. */

import type { Clock } from "../../../proxy/host.ts";

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
