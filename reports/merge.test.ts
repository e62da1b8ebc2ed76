import { expect, test } from "vitest";
import { mergeRuns } from "./merge.ts";
import type { Grade, PlayResult, RunResult } from "./model.ts";
import { sampleRun } from "./sample/sample-run.ts";
import { droppedSynPlay, passivePlay } from "./sample/transfer-plays.ts";

const run = (...plays: PlayResult[]): RunResult => ({ ...sampleRun, plays });
const graded = (grade: Grade): PlayResult => ({ ...passivePlay, grade });

test("has the plays of all runs", () => {
  expect(mergeRuns([run(passivePlay), run(droppedSynPlay)]).plays).toEqual([passivePlay, droppedSynPlay]);
});

test.each([
  ["passed", "not-run", "passed"],
  ["failed", "unsupported", "failed"],
  ["not-run", "passed", "passed"],
  ["unsupported", "failed", "failed"],
  ["passed", "failed", "failed"],
  ["failed", "passed", "passed"],
  ["not-run", "unsupported", "unsupported"],
] as const)("a play that one run graded %s and the next %s is %s", (first, second, expected) => {
  const { plays } = mergeRuns([run(graded(first)), run(graded(second))]);
  expect(plays.map(({ grade }) => grade)).toEqual([expected]);
});

test("has the first start and all the time", () => {
  const clocks = [
    { startedAt: "2026-11-23T10:00:00.000Z", tookMs: 5 },
    { startedAt: "2026-11-23T09:00:00.000Z", tookMs: 7 },
  ];
  const merged = mergeRuns(clocks.map((clock) => ({ ...run(), clock })));
  expect(merged.clock).toEqual({ startedAt: "2026-11-23T09:00:00.000Z", tookMs: 12 });
});

test("of one run is that run; of none there is none", () => {
  expect(mergeRuns([sampleRun])).toEqual(sampleRun);
  expect(() => mergeRuns([])).toThrow("no runs");
});
