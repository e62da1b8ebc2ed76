import { expect, test } from "vitest";
import type { PlayResult } from "../model.ts";
import { manyPlays } from "../sample/many-plays.ts";
import { sampleRun } from "../sample/sample-run.ts";
import { textWidth } from "../text-width.ts";
import { summaryTable } from "./summary.ts";

test("scenario rows by subject and family, a different shape for each grade", () => {
  const text = summaryTable(sampleRun.plays);
  expect(text).toMatch(/^ +core +none$/m);
  expect(text).toMatch(/^active\/port +✕ +◇ +○$/m);
  expect(text).toMatch(/^passive\/pasv +● +– +●$/m);
});

test("the counts use the five words", () => {
  expect(summaryTable(sampleRun.plays).trimEnd().split("\n").at(-1)).toBe(
    "9 plays:  ● 4 passed   ✕ 2 failed   ◇ 1 unsupported   – 1 does not apply   ○ 1 not run",
  );
});

test("a long matrix is folded by category, but every failure keeps its row", () => {
  const { plays } = manyPlays(2000);
  const text = summaryTable(plays);
  expect(text).toMatch(/200 scenarios: 1000 passed/);
  const failing = new Set(plays.filter(({ grade }) => grade === "failed").map(({ scenario }) => scenario.id));
  expect(text.match(/^active\/case-\d+ +✕/gm)).toHaveLength(failing.size);
  expect(summaryTable(plays, { all: true }).split("\n").length).toBeGreaterThan(400);
});

test("many columns get letters and a key, and still fit 80 columns", () => {
  const plays = sampleRun.plays
    .slice(0, 2)
    .flatMap((play): PlayResult[] =>
      ["core", "core-daemon", "ftp-proxy", "none"].flatMap((subject) =>
        (["inet", "inet6"] as const).flatMap((family) =>
          (["forward", "reverse"] as const).map((side) => ({ ...play, subject, family, side })),
        ),
      ),
    );
  const text = summaryTable(plays);
  expect(text).toMatch(/^p +none inet6 reverse$/m);
  for (const line of text.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(80);
});

test("no plays are told, not drawn", () => {
  expect(summaryTable([])).toBe("no plays\n");
});
