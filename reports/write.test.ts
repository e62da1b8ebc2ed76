import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hostileText, manyPlays, sampleRun } from "../test/sample-run.ts";
import { junitXml } from "./junit.ts";
import { matrixMarkdown } from "./markdown.ts";
import type { RunResult } from "./model.ts";
import { readResults } from "./results.ts";
import { writeReports } from "./write.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "anchorage-reports-"));
});
afterEach(() => rm(folder, { recursive: true }));

const FILES = ["index.html", "results.json", "junit.xml", "matrix.md", "expect.md"];

test("all files appear in a folder made for them, and no part of one stays", async () => {
  const out = join(folder, "a", "b");
  const files = await writeReports(sampleRun, out);
  expect(files).toEqual([...FILES, "badge.json", "times.json"].map((name) => join(out, name)));
  expect(await readdir(out)).toHaveLength(files.length);
  expect(JSON.parse(await readFile(join(out, "badge.json"), "utf8"))).toMatchObject({
    schemaVersion: 1,
    label: "anchorage",
    message: expect.stringMatching(/^\d+ of \d+ as expected$/),
    color: "red",
  });
  expect(readResults(await readFile(join(out, "results.json"), "utf8"), "results.json").plays).toHaveLength(8);
});

test("only what was asked for is written", async () => {
  expect(await writeReports(sampleRun, folder, { kinds: ["json"] })).toEqual([join(folder, "results.json")]);
});

test("two writings of one run are the same, byte for byte", async () => {
  const bytes = async (name: string) => {
    const files = await writeReports(sampleRun, join(folder, name));
    return Promise.all(files.map((file) => readFile(file, "utf8")));
  };
  expect(await bytes("one")).toEqual(await bytes("two"));
});

interface Case {
  readonly "@name": string;
  readonly "@classname": string;
  readonly failure?: { readonly "@message": string; readonly "#text": string };
  readonly error?: object;
  readonly skipped?: { readonly "@message": string };
}
interface Suite extends Record<string, unknown> {
  readonly testcase: readonly Case[];
}

function parsed(run: RunResult): { total: Record<string, string>; suites: readonly Suite[]; cases: readonly Case[] } {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    isArray: (name) => name === "testsuite" || name === "testcase",
  });
  const { testsuites } = parser.parse(junitXml(run));
  const suites: readonly Suite[] = testsuites.testsuite ?? [];
  return { total: testsuites, suites, cases: suites.flatMap((suite) => suite.testcase) };
}

const { total, suites, cases } = parsed(sampleRun);

test("it is well-formed, hostile texts included, and no character is forbidden in XML 1.0", () => {
  const xml = junitXml(sampleRun);
  expect(XMLValidator.validate(xml)).toBe(true);
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u);
});

test("every play is one case, and the counts are those of the cases", () => {
  expect(cases).toHaveLength(sampleRun.plays.length);
  const count = (list: readonly Case[], kind: "failure" | "error" | "skipped") =>
    String(list.filter((each) => each[kind] !== undefined).length);
  for (const [counts, list] of [[total, cases] as const, ...suites.map((suite) => [suite, suite.testcase] as const)]) {
    expect(counts["@tests"]).toBe(String(list.length));
    expect(counts["@failures"]).toBe(count(list, "failure"));
    expect(counts["@errors"]).toBe(count(list, "error"));
    expect(counts["@skipped"]).toBe(count(list, "skipped"));
  }
  expect([total["@tests"], total["@failures"], total["@skipped"]]).toEqual(["8", "2", "3"]);
});

test("class and name together are unique, so that Jenkins keeps histories apart", () => {
  expect(new Set(cases.map((each) => `${each["@classname"]} ${each["@name"]}`)).size).toBe(cases.length);
});

test("a failure carries the rule that dropped its packet and the command that repeats it", () => {
  const failed = cases.find((each) => each["@name"] === "active/port" && each.failure !== undefined);
  expect(failed?.failure?.["@message"]).toContain("dropped by pf.conf:4: block drop log all");
  expect(failed?.failure?.["#text"]).toContain(
    "npx anchorage repro 'active/port@core,sim,divert-to,inet,forward' --seed 7",
  );
});

test("unsupported, does not apply and not run are skipped, each in its own word", () => {
  const messages = cases.flatMap((each) => each.skipped?.["@message"] ?? []);
  expect(messages.map((message) => message.split(":")[0]).sort()).toEqual(["does not apply", "not run", "unsupported"]);
});

test("hostile text comes back as it was sent, but for what cannot be shown", () => {
  const hostile = cases.find((each) => each["@name"] === "framing/hostile-reply");
  expect(hostile?.failure?.["@message"]).toContain(hostileText);
});

test("a fault of the harness itself is an error, not a failure", () => {
  const [play] = sampleRun.plays.slice(1, 2);
  const broken = { ...play!, findings: [{ kind: "error" as const, message: "the lab was lost" }] };
  const { total: counts } = parsed({ ...sampleRun, plays: [broken] });
  expect([counts["@failures"], counts["@errors"]]).toEqual(["0", "1"]);
});

test("a run without plays is a valid file without cases", () => {
  expect(XMLValidator.validate(junitXml({ ...sampleRun, plays: [] }))).toBe(true);
});

const text = matrixMarkdown(sampleRun);

test("every row of a table has as many cells as its head", () => {
  const cells = (line: string) => line.replaceAll("\\|", "").split("|").length;
  expect(text).toContain("\n| ");
  for (const table of text
    .trimEnd()
    .split("\n\n")
    .filter((part) => part.startsWith("|"))) {
    const rows = table.split("\n");
    expect(new Set(rows.map(cells)).size).toBe(1);
  }
});

test("the counts use the five words", () => {
  expect(text).toContain(
    "**8 plays**: ✅ 3 passed · ❌ 2 failed · 🔶 1 unsupported · ➖ 1 does not apply · ⭕ 1 not run",
  );
});

test("a failure names the rule that dropped its packet, and how to repeat it", () => {
  expect(text).toContain("dropped by pf.conf:4: block drop log all");
  expect(text).toContain("`npx anchorage repro 'active/port@core,sim,divert-to,inet,forward' --seed 7`");
});

test("hostile text makes no HTML, no mention, no code and no cell", () => {
  const outside = text.replaceAll(/`[^`\n]*`/g, "");
  expect(outside.replaceAll("<!-- -->", "")).not.toContain("<");
  expect(outside).not.toMatch(/@\w/);
  const reason = text.split("\n").find((line) => line.includes("hostile-reply@"));
  expect(reason).toContain("\\`code\\`");
  expect(reason).toContain("\\|");
});

test("2000 plays fit a comment, which says how many rows are left out", () => {
  const long = matrixMarkdown(manyPlays(2000));
  expect(long.length).toBeLessThanOrEqual(60_000);
  expect(long).toMatch(/\d+ more rows are left out here for length/);
  const short = matrixMarkdown(manyPlays(2000), { limit: 4000 });
  expect(short.length).toBeLessThanOrEqual(4000);
  expect(short).toMatch(/- and \d+ more/);
});
