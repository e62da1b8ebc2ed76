import { describe, expect, test } from "vitest";
import { passivePlay, sampleRun } from "../test/sample-run/run.ts";
import { pairingMarkup } from "./html/matrix-markup.ts";
import { matrixMarkdown } from "./markdown.ts";
import { headings, matrixOf } from "./matrix.ts";
import type { Grade, PlayResult } from "./model.ts";
import { pairingsOf } from "./pairings.ts";
import { pairingTable } from "./terminal/summary.ts";

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

test("parts that are equal in every column are named once, not in every heading", () => {
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

function pair(client: string, server: string, grade: Grade, version?: string): PlayResult {
  const { scenario } = passivePlay;
  const id = `programs/${client}/${server}`;
  const of = version === undefined ? {} : { version };
  const players = [
    { part: "client", name: client, ...of },
    { part: "server", name: server, ...of },
  ] as const;
  return { ...passivePlay, id, scenario: { ...scenario, id, category: "programs" }, players, grade };
}

const plays = [
  pair("curl", "vsftpd", "does-not-apply"),
  pair("curl", "vsftpd", "passed", "7.88.1"),
  pair("curl", "vsftpd", "passed", "7.88.1"),
  pair("curl", "<b>", "unsupported"),
  pair("lftp", "vsftpd", "failed", "4.9.2"),
  pair("lftp", "vsftpd", "passed", "4.9.2"),
];

describe("clients × servers", () => {
  const { servers, rows } = pairingsOf(plays);

  test("a version is known as soon as one play knows it", () => {
    expect(rows.map(({ client }) => client)).toEqual([
      { name: "curl", version: "7.88.1" },
      { name: "lftp", version: "4.9.2" },
    ]);
    expect(servers.map(({ name }) => name)).toEqual(["vsftpd", "<b>"]);
  });

  test("a pair shows its worst grade; plays that do not apply are not counted", () => {
    expect(rows.map(({ cells }) => cells)).toEqual([
      [
        { grade: "passed", passed: 2, of: 2 },
        { grade: "unsupported", passed: 0, of: 1 },
      ],
      [{ grade: "failed", passed: 1, of: 2 }, undefined],
    ]);
  });

  test("the terminal has a line for each client", () => {
    const lines = pairingTable(plays).split("\n");
    expect(lines[0]).toMatch(/^real programs +vsftpd +<b>$/);
    expect(lines[2]).toMatch(/^curl 7\.88\.1 +● 2 +\S 0\/1$/);
    expect(lines[3]).toMatch(/^lftp 4\.9\.2 +✕ 1\/2$/);
  });

  test("the page and the Markdown have the table, and escape its texts", () => {
    expect(pairingMarkup(plays)?.text).toContain("&#60;b&#62;");
    expect(pairingMarkup(plays)?.text).toContain("curl <span>7.88.1</span>");
    expect(matrixMarkdown({ ...sampleRun, plays })).toContain("| lftp 4.9.2 | ❌ 1/2 |");
  });
});

test("a run without programs has no such table", () => {
  expect(pairingTable(sampleRun.plays)).toBe("");
  expect(pairingMarkup(sampleRun.plays)).toBeUndefined();
});
