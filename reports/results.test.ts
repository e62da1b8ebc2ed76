import { expect, test } from "vitest";
import { droppedSynPlay, passivePlay, sampleRun } from "../test/sample-run/run.ts";
import type { Grade, PlayResult, RunResult } from "./model.ts";
import { mergeRuns, ResultsError, readResults, resultsJson } from "./results.ts";

test("what is written is read back, to the last hostile character", () => {
  const back = readResults(resultsJson(sampleRun), "results.json");
  expect(back.seed).toBe(sampleRun.seed);
  expect([...back.plays].sort(byId)).toEqual([...sampleRun.plays].sort(byId));
});

test("the order of plays and of keys leaves no trace", () => {
  const turned = sampleRun.plays.map(
    (play) => Object.fromEntries(Object.entries(play).reverse()) as unknown as PlayResult,
  );
  expect(resultsJson({ ...sampleRun, plays: turned.reverse() })).toBe(resultsJson(sampleRun));
});

test("each play is one line", () => {
  const lines = resultsJson(sampleRun).trimEnd().split("\n");
  expect(lines).toHaveLength(sampleRun.plays.length + 2);
  expect(JSON.parse(lines[1]!.replace(/,$/, ""))).toHaveProperty("id");
});

test("the real clock is in the first line only", () => {
  const later = { ...sampleRun, clock: { startedAt: "2027-01-01T00:00:00.000Z", tookMs: 1 } };
  const [, ...lines] = resultsJson(sampleRun).split("\n");
  expect(resultsJson(later).split("\n").slice(1)).toEqual(lines);
});

test("a file that is something else is refused by name, with what was found", () => {
  const refused = (text: string) => {
    try {
      readResults(text, "old.json");
    } catch (error) {
      return error;
    }
    return undefined;
  };
  expect(refused("{")).toBeInstanceOf(ResultsError);
  expect(String(refused('{"schema":2}'))).toContain(
    "old.json is no results.json of anchorage: expected schema 1, found 2",
  );
  expect(String(refused('{"schema":1}'))).toContain("no list of plays");
  expect(String(refused("null"))).toContain("no object");
});

function byId(a: PlayResult, b: PlayResult): number {
  return a.id < b.id ? -1 : 1;
}

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
