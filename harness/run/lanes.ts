/**
 * Plays at once: lanes take one cell after the other. Lanes prefer cells of their own side, because a
 * lab's place is laid out for one, and help the other side when theirs is done.
 *
 * @example
 * await inLanes(planned, 4, (one, index) => …);
 */

import type { PlannedCell } from "./selection.ts";

const SIDES = ["forward", "reverse"] as const;

/** Settles when all are done; one lane takes them in their order. */
export async function inLanes(
  planned: readonly PlannedCell[],
  count: number,
  work: (one: PlannedCell) => Promise<void>,
): Promise<void> {
  const waiting = [...planned];
  const lane = async (number: number) => {
    const side = SIDES[number % SIDES.length];
    for (;;) {
      const own = count === 1 ? 0 : waiting.findIndex(({ cell }) => cell.side === side);
      const [one] = waiting.splice(Math.max(0, own), 1);
      if (one === undefined) return;
      await work(one);
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, planned.length) }, (_, number) => lane(number)));
}
