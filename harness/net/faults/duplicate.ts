/**
 * Some packets arrive more than once.
 *
 * @example
 * link.install(duplicate({ probability: 0.02 }));
 */

import { type Fault, PASS } from "./fault.ts";

export interface DuplicateOptions {
  readonly probability: number;
  /** How many more copies; default 1. */
  readonly copies?: number;
  /** Between one copy and the next; default 0. */
  readonly milliseconds?: number;
}

export function duplicate({ probability, copies = 1, milliseconds = 0 }: DuplicateOptions): Fault {
  return {
    name: "duplicate",
    judge: (_packet, { random }) => (random.chance(probability) ? { kind: "duplicate", copies, milliseconds } : PASS),
  };
}
