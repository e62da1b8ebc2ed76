/**
 * Exactly the packets that a test wants gone: the first, the third, every second SYN.
 *
 * @example
 * link.install(dropMatching((packet) => isTcp(packet) && packet.payload.length > 0, { times: 1 }));
 */

import type { Packet } from "../../pf/packet.ts";
import { type Crossing, DROP, type Fault, PASS } from "./fault.ts";

export interface DropMatchingOptions {
  /** How many to drop; default all. */
  readonly times?: number;
  /** How many matching ones to let through first; default none. */
  readonly skip?: number;
}

export function dropMatching(
  matches: (packet: Packet, crossing: Crossing) => boolean,
  { times = Number.POSITIVE_INFINITY, skip = 0 }: DropMatchingOptions = {},
): Fault {
  let seen = 0;
  return {
    name: "drop-matching",
    judge: (packet, crossing) => {
      if (!matches(packet, crossing)) return PASS;
      seen++;
      return seen > skip && seen <= skip + times ? DROP : PASS;
    },
  };
}
