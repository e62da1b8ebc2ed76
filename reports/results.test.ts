import { expect, test } from "vitest";
import { droppedSynPlay, passivePlay, sampleRun } from "../test/sample-run.ts";
import { compareRuns, comparisonText } from "./baseline.ts";
import type { Grade, PlayResult, RunResult } from "./model.ts";
import { mergeRuns, ResultsError, readResults, resultsJson } from "./results.ts";

const run = (...plays: PlayResult[]): RunResult => ({ ...sampleRun, plays });
const graded = (grade: Grade): PlayResult => ({ ...passivePlay, grade });

test("a written run is read back unchanged, hostile text included", () => {
  const back = readResults(resultsJson(sampleRun), "results.json");
  expect(back.seed).toBe(sampleRun.seed);
  expect([...back.plays].sort(byId)).toEqual([...sampleRun.plays].sort(byId));
});

test("the order of plays and keys does not change the file", () => {
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

test("another kind of file is refused, with its name and content", () => {
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
    "old.json is not a results.json of anchorage: expected schema 1, found 2",
  );
  expect(String(refused('{"schema":1}'))).toContain("no list of plays");
  expect(String(refused("null"))).toContain("no object");
});

function byId(a: PlayResult, b: PlayResult): number {
  return a.id < b.id ? -1 : 1;
}

test("a merged run has the plays of all runs", () => {
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

test("a merged run has the first start and all the time", () => {
  const clocks = [
    { startedAt: "2026-11-23T10:00:00.000Z", tookMs: 5 },
    { startedAt: "2026-11-23T09:00:00.000Z", tookMs: 7 },
  ];
  const merged = mergeRuns(clocks.map((clock) => ({ ...run(), clock })));
  expect(merged.clock).toEqual({ startedAt: "2026-11-23T09:00:00.000Z", tookMs: 12 });
});

test("one run merges to itself; merging none is an error", () => {
  expect(mergeRuns([sampleRun])).toEqual(sampleRun);
  expect(() => mergeRuns([])).toThrow("no runs");
});

test("a run does not regress against itself", () => {
  expect(compareRuns(sampleRun, sampleRun)).toMatchObject({ unchanged: sampleRun.plays.length, regressed: false });
});

test.each([
  ["passed", "failed", "newlyFailing", true],
  ["unsupported", "failed", "newlyFailing", true],
  ["passed", "unsupported", "noLongerPlayed", true],
  ["passed", "not-run", "noLongerPlayed", true],
  ["passed", "does-not-apply", "changed", false],
  ["failed", "passed", "newlyPassing", false],
  ["not-run", "passed", "newlyPassing", false],
  ["failed", "unsupported", "changed", false],
] as const)("%s, then %s: %s", (before, after, group, regressed) => {
  const comparison = compareRuns(run(graded(before)), run(graded(after)));
  expect(comparison[group].map(({ id }) => id)).toEqual([passivePlay.id]);
  expect(comparison.regressed).toBe(regressed);
  expect(comparison.unchanged).toBe(0);
});

test("the same grade with another end is a change", () => {
  const other = { ...droppedSynPlay, outcome: "refused" };
  const comparison = compareRuns(run(droppedSynPlay), run(other));
  expect(comparison.changed).toHaveLength(1);
  expect(comparison.regressed).toBe(false);
  expect(comparisonText(comparison)).toContain(`was ${droppedSynPlay.outcome}`);
});

test("gone and new plays are reported; a new one that fails is a regression", () => {
  expect(compareRuns(run(passivePlay), run())).toMatchObject({ gone: [{ id: passivePlay.id }], regressed: false });
  expect(compareRuns(run(), run(passivePlay))).toMatchObject({ added: [{ id: passivePlay.id }], regressed: false });
  expect(compareRuns(run(), run(droppedSynPlay))).toMatchObject({ newlyFailing: [{}], regressed: true });
});

test("runs in two labs are paired by the rest", () => {
  const elsewhere = { ...passivePlay, lab: "netns", id: passivePlay.id.replace(",sim,", ",netns,") };
  expect(compareRuns(run(passivePlay), run(elsewhere))).toMatchObject({ gone: [{}], added: [{}] });
  expect(compareRuns(run(passivePlay), run(elsewhere), ["lab"])).toMatchObject({ unchanged: 1, gone: [], added: [] });
  const unsupported: PlayResult = { ...elsewhere, grade: "unsupported", reason: "real time" };
  const comparison = compareRuns(run(passivePlay), run(unsupported), ["lab"]);
  expect(comparison.noLongerPlayed.map(({ id }) => id)).toEqual(["passive/pasv@core,divert-to,inet,forward"]);
});

test("the text puts the worst first and says how to repeat it", () => {
  const text = comparisonText(
    compareRuns(run({ ...droppedSynPlay, grade: "passed" }, passivePlay), run(droppedSynPlay)),
  );
  expect(text.split("\n")[0]).toBe("newly failing: 1");
  expect(text).toContain("active/port@core,sim,divert-to,inet,forward  passed → failed");
  expect(text).toContain("dropped by pf.conf:4: block drop log all");
  expect(text).toContain(droppedSynPlay.repeat);
  expect(text.trimEnd().split("\n").at(-1)).toBe("0 unchanged; regressed against the baseline");
});
