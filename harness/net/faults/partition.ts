/**
 * Nothing crosses, in one direction or in both: a pulled cable, a host gone silent.
 *
 * @example
 * const guard = link.install(partition({ to: "server.em0" }));
 * guard.remove(); // the cable is in again
 */

import { DROP, type Fault, PASS } from "./fault.ts";

export interface PartitionOptions {
  /** Only what this `node.interface` sends; absent: whoever sends. */
  readonly from?: string;
  /** Only what goes to this `node.interface`. */
  readonly to?: string;
}

export function partition({ from, to }: PartitionOptions = {}): Fault {
  return {
    name: "partition",
    judge: (_packet, crossing) =>
      (from === undefined || from === crossing.from) && (to === undefined || to === crossing.to) ? DROP : PASS,
  };
}
