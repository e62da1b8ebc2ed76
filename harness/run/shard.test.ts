import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellId } from "../play/cell.ts";
import { OWN_SCENARIOS, readCatalogue, readLabs, readSubjects } from "./catalogue.ts";
import { select } from "./selection.ts";
import { shardOf } from "./shard.ts";

const [labs, subjects, catalogue] = await Promise.all([
  readLabs(["sim"]),
  readSubjects(),
  readCatalogue(OWN_SCENARIOS),
]);
const planned = select({ catalogue, labs, subjects }, { categories: ["passive", "active", "servers"] }, 1);
const idsOf = (part: typeof planned) => part.map(({ cell }) => cellId(cell));
const times = fc
  .array(fc.integer({ min: 1, max: 10_000 }), { minLength: planned.length, maxLength: planned.length })
  .map((all) => new Map(idsOf(planned).map((id, at) => [id, all[at] ?? 1])));

describe("the parts of a run", () => {
  test("are the whole together, and no cell is in two, with times and without", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.option(times, { nil: undefined }), (count, known) => {
        const parts = Array.from({ length: count }, (_, at) => shardOf(planned, { index: at + 1, count }, known));
        expect(parts.flatMap(idsOf).sort()).toEqual(idsOf(planned).sort());
      }),
      { numRuns: 30 },
    );
  });

  test("take about as long, where an earlier run's times are known", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), times, (count, known) => {
        const loads = Array.from({ length: count }, (_, at) =>
          idsOf(shardOf(planned, { index: at + 1, count }, known)).reduce((sum, id) => sum + (known.get(id) ?? 0), 0),
        );
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(Math.max(...known.values()));
      }),
      { numRuns: 30 },
    );
  });

  test("stay the same when other scenarios come in, without times", () => {
    const fewer = planned.filter(({ cell }) => cell.entry.id.length % 2 === 0);
    const before = new Set(idsOf(shardOf(fewer, { index: 2, count: 3 })));
    const after = new Set(idsOf(shardOf(planned, { index: 2, count: 3 })));
    for (const id of before) expect(after.has(id)).toBe(true);
  });
});
