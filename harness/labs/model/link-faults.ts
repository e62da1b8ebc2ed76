/**
 * The faults that a scenario asks of its links (`link`), the same ones for simulated wires and for real kernels'.
 *
 * @example
 * for (const fault of linkFaults({ loss: 0.03 })) wire.install(fault);
 */

import type { LinkOptions } from "../../contract/lab.ts";
import { duplicate } from "../../net/faults/duplicate.ts";
import type { Fault } from "../../net/faults/fault.ts";
import { loss } from "../../net/faults/loss.ts";
import { reorder } from "../../net/faults/reorder.ts";

/** The longest that a packet is held back for others to overtake it. */
const HOLD_MS = 5;

export function linkFaults(options: LinkOptions): readonly Fault[] {
  const faults: Fault[] = [];
  if (options.loss !== undefined) faults.push(loss({ probability: options.loss }));
  if (options.reorder !== undefined) faults.push(reorder({ probability: options.reorder, milliseconds: HOLD_MS }));
  if (options.duplicate !== undefined) faults.push(duplicate({ probability: options.duplicate }));
  return faults;
}
