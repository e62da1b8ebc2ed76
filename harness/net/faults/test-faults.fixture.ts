/**
 * Faults that only tests put on a link: chosen packets gone, every packet late, a pulled cable.
 *
 * @example
 * link.install(dropMatching((packet) => isTcp(packet) && packet.payload.length > 0, { times: 1 }));
 * link.install(jitter({ milliseconds: 2 }));
 * const guard = link.install(partition({ to: "server.em0" }));
 * guard.remove(); // the cable is in again
 */

import type { Packet } from "../../pf/packet.ts";
import { DROP, type Fault, PASS, type Transit } from "./fault.ts";

interface DropMatchingOptions {
  /** How many to drop; default all. */
  readonly times?: number;
  /** How many matching ones to let through first; default none. */
  readonly skip?: number;
}

/** The first, the third, every second SYN. */
export function dropMatching(
  matches: (packet: Packet, transit: Transit) => boolean,
  { times = Number.POSITIVE_INFINITY, skip = 0 }: DropMatchingOptions = {},
): Fault {
  let seen = 0;
  return {
    name: "drop-matching",
    judge: (packet, transit) => {
      if (!matches(packet, transit)) return PASS;
      seen++;
      return seen > skip && seen <= skip + times ? DROP : PASS;
    },
  };
}

/** With more jitter than distance between packets, they come out of order. */
export function jitter({ milliseconds }: { readonly milliseconds: number }): Fault {
  const most = Math.max(1, Math.round(milliseconds * 1000));
  return {
    name: "jitter",
    judge: (_packet, { random }) => ({ kind: "delay", milliseconds: random.below(most + 1) / 1000 }),
  };
}

interface PartitionOptions {
  /** Only packets of this `node.interface`; absent: of every sender. */
  readonly from?: string;
  /** Only what goes to this `node.interface`. */
  readonly to?: string;
}

/** Nothing crosses, in one direction or in both. */
export function partition({ from, to }: PartitionOptions = {}): Fault {
  return {
    name: "partition",
    judge: (_packet, transit) =>
      (from === undefined || from === transit.from) && (to === undefined || to === transit.to) ? DROP : PASS,
  };
}
