/**
 * Some packets are held back for a while, so that later ones overtake them.
 *
 * @example
 * link.install(reorder({ probability: 0.1, milliseconds: 5 }));
 */

import { type Fault, PASS } from "./fault.ts";

export interface ReorderOptions {
  readonly probability: number;
  /** The longest hold; each is drawn from 1 µs up to this. */
  readonly milliseconds: number;
}

export function reorder({ probability, milliseconds }: ReorderOptions): Fault {
  const most = Math.max(1, Math.round(milliseconds * 1000));
  return {
    name: "reorder",
    judge: (_packet, { random }) =>
      random.chance(probability) ? { kind: "delay", milliseconds: (1 + random.below(most)) / 1000 } : PASS,
  };
}
