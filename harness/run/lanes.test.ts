import { expect, test } from "vitest";
import type { Side } from "../contract/lab.ts";
import { inLanes } from "./lanes.ts";
import type { PlannedCell } from "./selection.ts";

const cells = (...sides: readonly Side[]) => sides.map((side) => ({ cell: { side } }) as unknown as PlannedCell);

/** Plays that take one turn of the event loop each: what was begun, and how many of each side at once at most. */
async function played(planned: readonly PlannedCell[], count: number) {
  const begun: PlannedCell[] = [];
  const under = { forward: 0, reverse: 0 };
  const most = { forward: 0, reverse: 0 };
  await inLanes(planned, count, async (one) => {
    begun.push(one);
    const { side } = one.cell;
    most[side] = Math.max(most[side], ++under[side]);
    await new Promise((resolve) => setImmediate(resolve));
    under[side] -= 1;
  });
  return { begun, most };
}

test("one lane takes the cells in their order", async () => {
  const planned = cells("forward", "reverse", "reverse", "forward");
  expect((await played(planned, 1)).begun).toEqual(planned);
});

test("several take each cell once, and keep to their side as long as it has any", async () => {
  const planned = cells(...Array.from({ length: 20 }, (_, index): Side => (index % 4 < 2 ? "forward" : "reverse")));
  const { begun, most } = await played(planned, 4);
  expect(new Set(begun)).toEqual(new Set(planned));
  expect(begun).toHaveLength(planned.length);
  expect(most).toEqual({ forward: 2, reverse: 2 });
});

test("lanes of a side that has no cells help the other", async () => {
  expect((await played(cells("forward", "forward", "forward", "forward"), 4)).most.forward).toBe(4);
});

test("a cell that breaks off ends the run with its error", async () => {
  await expect(inLanes(cells("forward"), 2, () => Promise.reject(new Error("no report")))).rejects.toThrow("no report");
});
