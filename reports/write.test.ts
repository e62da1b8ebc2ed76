import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readResults } from "./json.ts";
import { sampleRun } from "./sample/sample-run.ts";
import { writeReports } from "./write.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "anchorage-reports-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("four files appear in a folder made for them, and no part of one stays", async () => {
  const out = join(folder, "a", "b");
  const files = await writeReports(sampleRun, out);
  expect(files).toEqual(["index.html", "results.json", "junit.xml", "matrix.md"].map((name) => join(out, name)));
  expect((await readdir(out)).sort()).toEqual(["index.html", "junit.xml", "matrix.md", "results.json"]);
  expect(readResults(await readFile(join(out, "results.json"), "utf8"), "results.json").plays).toHaveLength(9);
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
