import { expect, test } from "vitest";
import { headings, matrixOf } from "./matrix.ts";
import { sampleRun } from "./sample/sample-run.ts";

const matrix = matrixOf(sampleRun.plays);

test("scenarios are grouped by category, and every play has one cell", () => {
  expect(matrix.categories.map(({ name }) => name)).toEqual(["active", "framing", "passive", "tls"]);
  const cells = matrix.categories.flatMap(({ rows }) => rows.flatMap((row) => row.cells));
  expect(cells.filter((cell) => cell !== undefined)).toHaveLength(sampleRun.plays.length);
});

test("columns are subject, lab, era, family, side in their fixed order, inet before inet6", () => {
  expect(matrix.columns.map(({ subject, family }) => `${subject} ${family}`)).toEqual([
    "core inet",
    "core inet6",
    "none inet",
  ]);
});

test("what is the same in every column is told once, not in every heading", () => {
  expect(matrix.varying).toEqual(["subject", "family"]);
  expect(matrix.constant).toEqual([
    { part: "lab", value: "sim" },
    { part: "era", value: "divert-to" },
    { part: "side", value: "forward" },
  ]);
});

test("neighbouring columns share a heading", () => {
  expect(headings(matrix)).toEqual([
    [
      { text: "core", span: 2 },
      { text: "none", span: 1 },
    ],
    [
      { text: "inet", span: 1 },
      { text: "inet6", span: 1 },
      { text: "inet", span: 1 },
    ],
  ]);
});

test("a single column is still named, by its subject", () => {
  expect(matrixOf(sampleRun.plays.slice(0, 1)).varying).toEqual(["subject"]);
});

test("no plays give an empty matrix", () => {
  expect(matrixOf([])).toEqual({ columns: [], varying: [], constant: [], categories: [] });
});
