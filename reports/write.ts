/**
 * Writes every report of a run into one folder, which is made if need be: `index.html`, `results.json`, `junit.xml`,
 * `matrix.md`, `expect.md`, `badge.json` and `times.json`. Files appear whole or not at all; others in the folder (captures) are left alone.
 *
 *     const files = await writeReports(run, "reports/out");
 */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { badgeJson, timesJson } from "./badge.ts";
import type { Comparison } from "./baseline.ts";
import { expectMarkdown } from "./expect.ts";
import { pageCode } from "./html/page-code.ts";
import { pageDocument } from "./html/page-document.ts";
import { junitXml } from "./junit.ts";
import { matrixMarkdown } from "./markdown.ts";
import type { RunResult } from "./model.ts";
import { resultsJson, type Timelines } from "./results.ts";

const reportKinds = ["html", "json", "junit", "markdown", "expect", "badge", "times"] as const;
export type ReportKind = (typeof reportKinds)[number];

export interface WriteOptions {
  /** Default: all. */
  readonly kinds?: readonly ReportKind[];
  /** Which plays keep their time line in results.json. Default: those that failed. */
  readonly timelines?: Timelines;
  /** Milliseconds of real time, by the play's id: for junit.xml and times.json. */
  readonly times?: ReadonlyMap<string, number>;
  /** With an earlier run: a view of the page. */
  readonly comparison?: Comparison;
}

const fileNames: Readonly<Record<ReportKind, string>> = {
  html: "index.html",
  json: "results.json",
  junit: "junit.xml",
  markdown: "matrix.md",
  expect: "expect.md",
  badge: "badge.json",
  times: "times.json",
};

/** Resolves to the paths of the files written, in the order of `reportKinds`. */
export async function writeReports(run: RunResult, directory: string, options: WriteOptions = {}): Promise<string[]> {
  const kinds = reportKinds.filter((kind) => options.kinds?.includes(kind) ?? true);
  await mkdir(directory, { recursive: true });
  const written: string[] = [];
  for (const kind of kinds) {
    const path = join(directory, fileNames[kind]);
    await writeFile(`${path}.part`, await reportText(kind, run, options));
    await rename(`${path}.part`, path);
    written.push(path);
  }
  return written;
}

async function reportText(
  kind: ReportKind,
  run: RunResult,
  { timelines, times = new Map(), comparison }: WriteOptions,
): Promise<string> {
  switch (kind) {
    case "html":
      return pageDocument(run, await pageCode(), comparison);
    case "json":
      return resultsJson(run, timelines);
    case "junit":
      return junitXml(run, times);
    case "markdown":
      return matrixMarkdown(run);
    case "expect":
      return expectMarkdown(run);
    case "badge":
      return badgeJson(run);
    case "times":
      return timesJson(times);
  }
}
