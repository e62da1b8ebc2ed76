import { describe, expect, test } from "vitest";
import { answered, firewallFails, passivePlay, sampleRun } from "../test/sample-run.ts";
import { pairingMarkup } from "./html/pairing-markup.ts";
import { matrixMarkdown } from "./markdown.ts";
import { headings, matrixOf } from "./matrix.ts";
import type { Grade, PlayResult } from "./model.ts";
import { pairingsOf, pairingText } from "./pairings.ts";
import { pairingTable } from "./terminal/pairings.ts";
import { textWidth } from "./text.ts";

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

const { scenario } = passivePlay;
type Answer = Parameters<typeof answered>[1];
const works = { verdict: "works" } as const;

function pair(client: string, server: string, answer: Answer | Grade, more: Partial<PlayResult> = {}): PlayResult {
  const id = `programs/${client}/${server}`;
  const players = [
    { part: "client", name: client, ...(typeof answer !== "string" && { version: "7.88.1" }) },
    { part: "server", name: server },
  ] as const;
  const play = { ...passivePlay, id, scenario: { ...scenario, id, category: "programs" }, players, ...more };
  return typeof answer === "string" ? { ...play, grade: answer } : answered(play, answer, more);
}

const pairs = [
  pair("curl", "vsftpd", "does-not-apply"),
  pair("curl", "vsftpd", works),
  pair("curl", "vsftpd", firewallFails, { subject: "none" }),
  pair("curl", "vsftpd", works, { subject: "none", side: "reverse" }),
  pair("curl", "<b>", "unsupported"),
  pair("lftp", "vsftpd", firewallFails, { grade: "failed" }),
];

describe("clients × servers", () => {
  const { columns, rows } = pairingsOf(pairs);

  test("a version is known as soon as one play knows it", () => {
    expect(rows.map(({ program }) => program)).toEqual([
      { name: "curl", version: "7.88.1" },
      { name: "lftp", version: "7.88.1" },
    ]);
    expect(columns.map(({ name }) => name)).toEqual(["vsftpd", "<b>"]);
  });

  test("a pair shows its worst answer with each subject; plays that do not apply are not counted", () => {
    const texts = rows.map(({ cells }) => cells.map(pairingText));
    expect(texts).toEqual([
      ["● core  ✕ 1/2 none", "◇ core"],
      ["✕! core", ""],
    ]);
    expect(rows[0]!.cells[0]![1]!.words).toBe(
      "curl and vsftpd with none: fails at data connection: pf.conf:4 drops the data connection. The user sees: hangs for 30 s, in 1 of 2 plays",
    );
  });

  test("the longer list makes the rows", () => {
    expect(pairingsOf(["a", "b"].map((server) => pair("curl", server, works)))).toMatchObject({
      rowsAre: "server",
      columns: [{ name: "curl" }],
      rows: [{ program: { name: "a" }, cells: [[{ answer: { kind: "works" } }]] }, { program: { name: "b" } }],
    });
  });

  test("the terminal has a line for each client, in blocks that fit", () => {
    const lines = pairingTable(pairs).split("\n");
    expect(lines[0]).toMatch(/^real programs +vsftpd +<b>$/);
    expect(lines[2]).toMatch(/^curl 7\.88\.1 +● core {2}✕ 1\/2 none +◇ core$/);
    const many = Array.from({ length: 9 }, (_, at) => pair("curl", `server-${at}`, works));
    const wide = [
      ...many,
      ...many.map((play) => ({ ...play, players: [{ ...play.players[0]!, name: "lftp" }, play.players[1]!] })),
    ];
    for (const line of pairingTable(wide).split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(80);
  });

  test("the page and the Markdown have the table, and escape its texts", () => {
    expect(pairingMarkup(pairs)?.text).toContain("&#60;b&#62;");
    expect(pairingMarkup(pairs)?.text).toContain("curl <span>7.88.1</span>");
    expect(matrixMarkdown({ ...sampleRun, plays: pairs })).toContain("| lftp 7.88.1 | ✕\\! core |");
  });
});

test("a run without programs has no such table", () => {
  expect(pairingTable(sampleRun.plays)).toBe("");
  expect(pairingMarkup(sampleRun.plays)).toBeUndefined();
});
