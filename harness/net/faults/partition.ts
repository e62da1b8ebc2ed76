/**
 * Nothing crosses, in one direction or in both: a pulled cable, a host gone silent.
 *
 * @example
 * const guard = link.install(partition({ to: "server.em0" }));
 * guard.remove(); // the cable is in again
 */

import { DROP, type Fault, PASS } from "./fault.ts";

export interface PartitionOptions {
  /** Only packets of this `node.interface`; absent: of every sender. */
  readonly from?: string;
  /** Only what goes to this `node.interface`. */
  readonly to?: string;
}

export function partition({ from, to }: PartitionOptions = {}): Fault {
  return {
    name: "partition",
    judge: (_packet, transit) =>
      (from === undefined || from === transit.from) && (to === undefined || to === transit.to) ? DROP : PASS,
  };
}
