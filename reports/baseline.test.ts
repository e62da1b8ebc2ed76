import { expect, test } from "vitest";
import { droppedSynPlay, passivePlay, sampleRun } from "../test/sample-run/run.ts";
import { compareRuns, comparisonText } from "./baseline.ts";
import type { Grade, PlayResult, RunResult } from "./model.ts";

const run = (...plays: PlayResult[]): RunResult => ({ ...sampleRun, plays });
const graded = (grade: Grade): PlayResult => ({ ...passivePlay, grade });

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
  expect(comparisonText(comparison)).toContain("was the server's data connection got no answer");
});

test("gone and new plays are told; a new one that fails is a regression", () => {
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
  expect(text).toContain("active/port@core,sim,inet,forward  passed → failed");
  expect(text).toContain("dropped by pf.conf:4: block drop log all");
  expect(text).toContain(droppedSynPlay.repeat);
  expect(text.trimEnd().split("\n").at(-1)).toBe("0 unchanged; regressed against the baseline");
});
