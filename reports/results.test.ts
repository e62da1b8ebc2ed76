import { expect, test } from "vitest";
import { answered, droppedSynPlay, passivePlay, sampleRun } from "../test/sample-run.ts";
import { compareRuns, comparisonText } from "./baseline.ts";
import { resultsTrouble } from "./check-results.ts";
import type { Grade, PlayResult, RunResult } from "./model.ts";
import { mergeRuns, ResultsError, readResults, resultsJson, type Timelines } from "./results.ts";

const run = (...plays: PlayResult[]): RunResult => ({ ...sampleRun, plays });
const graded = (grade: Grade): PlayResult => ({ ...passivePlay, grade });

test("a written run is read back unchanged, hostile text included", () => {
  const back = readResults(resultsJson(sampleRun, "all"), "results.json");
  expect(back.seed).toBe(sampleRun.seed);
  expect([...back.plays].sort(byId)).toEqual([...sampleRun.plays].sort(byId));
});

test("time lines of what passed are left out by default, of all on demand, and those of what failed stay", () => {
  const kept = (which?: Timelines) =>
    readResults(resultsJson(sampleRun, which), "results.json")
      .plays.filter(({ timeline }) => timeline.length > 0)
      .map(({ grade }) => grade);
  expect(new Set(kept())).toEqual(new Set(["failed"]));
  expect(new Set(kept("all"))).toContain("passed");
  expect(kept("none")).toEqual([]);
});

test("a file of the version before is read as if it were of today", () => {
  const two = run(passivePlay, droppedSynPlay);
  const before = JSON.stringify({ ...two, schema: 1 });
  const today = readResults(resultsJson(two, "all"), "new.json");
  expect(readResults(before, "old.json", resultsTrouble)).toEqual(today);
});

test("the published schema fits what is written, and names what is wrong in other files", () => {
  const file = JSON.parse(resultsJson(run(passivePlay, droppedSynPlay), "all"));
  expect(resultsTrouble(file)).toBeUndefined();
  const wrong = (change: (value: typeof file) => void): string => {
    const damaged = structuredClone(file);
    change(damaged);
    const error: unknown = ((): unknown => {
      try {
        return readResults(JSON.stringify(damaged), "odd.json", resultsTrouble);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(ResultsError);
    return String(error);
  };
  expect(wrong((value) => (value.plays[1].grade = "great"))).toContain("plays/1/grade must be equal to one of");
  expect(wrong((value) => (value.plays = [5]))).toContain("plays/0 must be object");
  expect(wrong((value) => (value.plays[0].scenario = "none/such"))).toContain('no scenario "none/such"');
  expect(wrong((value) => (value.plays[0].hosts = 9_999))).toContain("the value 9999 of");
  expect(wrong((value) => delete value.clock)).toContain("must have required property 'clock'");
});

test("the order of plays and keys does not change the file", () => {
  const turned = sampleRun.plays.map(
    (play) => Object.fromEntries(Object.entries(play).reverse()) as unknown as PlayResult,
  );
  expect(resultsJson({ ...sampleRun, plays: turned.reverse() })).toBe(resultsJson(sampleRun));
});

test("each play is one line", () => {
  const lines = resultsJson(sampleRun).trimEnd().split("\n");
  const plays = lines.slice(lines.indexOf('],"plays":[') + 1, -1);
  expect(plays).toHaveLength(sampleRun.plays.length);
  expect(JSON.parse(plays[0]!.replace(/,$/, ""))).toHaveProperty("id");
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
  expect(String(refused('{"schema":3}'))).toContain(
    "old.json is not a results.json of anchorage: expected schema 1 or 2, found 3",
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

test('another answer to "did FTP work?" is a change of its own, and no regression while it is as expected', () => {
  const detour = { verdict: "detour", reason: "EPSV was refused, PASV taken" } as const;
  const before = { ...sampleRun, plays: [answered(passivePlay, { verdict: "works" })] };
  const after = { ...sampleRun, plays: [answered(passivePlay, detour)] };
  const comparison = compareRuns(before, after);
  expect(comparison.otherService.map(({ id }) => id)).toEqual([passivePlay.id]);
  expect(comparison.regressed).toBe(false);
  expect(comparisonText(comparison)).toContain("FTP: works → works after a detour: EPSV was refused, PASV taken");
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

test("what one run lacks as a whole is one line; what changed alike is named once", () => {
  const cells = (subject: string, count: number, change: Partial<PlayResult> = {}) =>
    Array.from({ length: count }, (_, index) => ({
      ...passivePlay,
      ...change,
      subject,
      id: `p/${index}@${subject},sim`,
    }));
  const text = (before: PlayResult[], after: PlayResult[]) =>
    comparisonText(compareRuns(run(...before), run(...after)));
  expect(text([...cells("core", 2), ...cells("none", 9)], cells("core", 2))).toContain(
    "gone: 9\n  subject none: 9 cells absent\n",
  );
  const broken = { grade: "failed", outcome: "refused at 5 s" } as const;
  expect(text(cells("core", 30), cells("core", 30, broken))).toContain("and 29 more alike");
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
