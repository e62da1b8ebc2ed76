/**
 * Normalisation of TCP flags: combinations that no honest stack sends are dropped before any rule is looked at.
 */

import { TCP_FLAG } from "../../packet.ts";
import type { Description } from "../description.ts";

/** False: to be dropped (reason normalize). SYN with FIN goes on as SYN. */
export function normalizeTcp(description: Description): boolean {
  const { F, S, R, P, A, U } = TCP_FLAG;
  let { flags } = description;
  if (flags & S) {
    if (flags & R) return false;
    flags &= ~F;
  } else if (!(flags & (A | R))) return false;
  // Only valid together with an acknowledgement.
  if (!(flags & A) && flags & (F | P | U)) return false;
  if (flags !== description.flags) {
    description.flags = flags;
    description.change({ flags });
  }
  return true;
}
