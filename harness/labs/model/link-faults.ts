/**
 * The faults that a scenario asks of its links (`link`), the same ones for simulated wires and for real kernels'.
 *
 * @example
 * for (const fault of linkFaults({ loss: 0.03 })) wire.install(fault);
 */

import type { LinkOptions } from "../../lab.ts";
import type { Fault } from "../../sim/fault.ts";
import { duplicate } from "../../sim/faults/duplicate.ts";
import { loss } from "../../sim/faults/loss.ts";
import { reorder } from "../../sim/faults/reorder.ts";

/** The longest that a packet is held back for others to overtake it. */
const HOLD_MS = 5;

export function linkFaults(options: LinkOptions): readonly Fault[] {
  const faults: Fault[] = [];
  if (options.loss !== undefined) faults.push(loss({ probability: options.loss }));
  if (options.reorder !== undefined) faults.push(reorder({ probability: options.reorder, milliseconds: HOLD_MS }));
  if (options.duplicate !== undefined) faults.push(duplicate({ probability: options.duplicate }));
  return faults;
}
