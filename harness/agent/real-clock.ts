/** The runner's own clock and timers, for labs in real time. */

import type { Clock } from "../../proxy/host.ts";

export const realClock: Clock = {
  // Monotonic, unlike Date; with fractions, so that packets of one millisecond have an order.
  now: () => performance.timeOrigin + performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    // The agents' pipes keep the process going; a patience that nobody needs any more does not.
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
