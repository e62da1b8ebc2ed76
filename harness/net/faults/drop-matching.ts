/**
 * Exactly the packets that a test wants gone: the first, the third, every second SYN.
 *
 * @example
 * link.install(dropMatching((packet) => isTcp(packet) && packet.payload.length > 0, { times: 1 }));
 */

import type { Packet } from "../../pf/packet.ts";
import { DROP, type Fault, PASS, type Transit } from "./fault.ts";

export interface DropMatchingOptions {
  /** How many to drop; default all. */
  readonly times?: number;
  /** How many matching ones to let through first; default none. */
  readonly skip?: number;
}

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
