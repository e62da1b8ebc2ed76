/**
 * Every packet is late by a random time; with more jitter than distance between packets, they come
 * out of order.
 *
 * @example
 * link.install(jitter({ milliseconds: 2 }));
 */

import type { Fault } from "./fault.ts";

export function jitter({ milliseconds }: { readonly milliseconds: number }): Fault {
  const most = Math.max(1, Math.round(milliseconds * 1000));
  return {
    name: "jitter",
    judge: (_packet, { random }) => ({ kind: "delay", milliseconds: random.below(most + 1) / 1000 }),
  };
}
