/** The six invariants, in the order of docs/invariants.md. */

import { bytesIntact } from "./bytes-intact.ts";
import { emptyAfter } from "./empty-after.ts";
import { ends } from "./ends.ts";
import type { Invariant } from "./evidence.ts";
import { hostToHost } from "./host-to-host.ts";
import { intruderOut } from "./intruder-out.ts";
import { rulesBeforeLine } from "./rules-before-line.ts";

export const invariants: readonly Invariant[] = [
  emptyAfter,
  hostToHost,
  rulesBeforeLine,
  intruderOut,
  bytesIntact,
  ends,
];
