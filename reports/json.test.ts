import { expect, test } from "vitest";
import { ResultsError, readResults, resultsJson } from "./json.ts";
import type { PlayResult } from "./model.ts";
import { sampleRun } from "./sample/sample-run.ts";

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
