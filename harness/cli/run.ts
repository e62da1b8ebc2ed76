/** `anchorage run`: plays the chosen cells and writes the report. */

import { constants, existsSync } from "node:fs";
import { access, appendFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { compareWith, comparisonText } from "../../reports/baseline.ts";
import type { RunResult } from "../../reports/model.ts";
import { resultsJson, type Timelines } from "../../reports/results.ts";
import { colorsFor } from "../../reports/terminal/output.ts";
import { Progress } from "../../reports/terminal/progress.ts";
import { writeReports } from "../../reports/write.ts";
import { version } from "../package.ts";
import { cellId } from "../play/cell.ts";
import { runPlays } from "../run/runner.ts";
import { leftToOtherLabs, type PlannedCell, select } from "../run/selection.ts";
import { type Shard, shardOf } from "../run/shard.ts";
import { readResultsFile } from "./compare.ts";
import { type Finish, interruptible, UsageError } from "./exit-status.ts";
import { addFilters, type FilterOptions, filtersFrom, readChoice } from "./filters.ts";
import { readTimes } from "./input.ts";
import { seedOption, wholeNumber } from "./options.ts";
import type { CommandLine } from "./play-thread.ts";
import { addPrinting, type PrintOptions, printRun } from "./printing.ts";
import { relaunch } from "./relaunch.ts";

interface RunOptions extends FilterOptions, PrintOptions {
  readonly seed: number;
  readonly report: string | false;
  readonly capture: "failed" | "all" | "none";
  readonly timelines: Timelines;
  readonly jobs?: number;
  readonly json?: boolean;
  readonly retries: number;
  readonly shard?: Shard;
  readonly times?: string;
  readonly onlyFailed?: string;
  readonly baseline?: string;
  readonly reporter?: "github";
}

export const runCommand = (finish: Finish): Command =>
  addPrinting(addFilters(new Command("run")))
    .description("play scenarios, print the matrix, write the report")
    .argument("[id...]", "scenario ids, beginnings of them, or whole cells; all when none is given")
    .addOption(seedOption())
    .option("--report <folder>", "where the report goes", join("reports", "out"))
    .option("--no-report", "write no report")
    .addOption(
      new Option("--capture <which>", "keep packet captures (pcapng) of these plays in the report")
        .choices(["failed", "all", "none"])
        .default("failed"),
    )
    .addOption(
      new Option("--jobs <number>", "plays at once (default: sim one for each processor, netns four)").argParser(
        wholeNumber("It", 1, 99),
      ),
    )
    .addOption(
      new Option("--timelines <which>", "keep the packets, lines and rules of these plays in results.json")
        .choices(["failed", "all", "none"])
        .default("failed"),
    )
    .addOption(
      new Option("--retries <number>", "play what fails again; if it passes then, it is flaky")
        .default(0)
        .argParser(wholeNumber("It", 0, 99)),
    )
    .addOption(
      new Option("--shard <i/n>", "play the i-th of n parts; `merge` puts their results together").argParser(
        shardNamed,
      ),
    )
    .option("--times <file>", "times.json of an earlier run: parts of --shard take about as long")
    .option("--only-failed <results>", "play only what failed, or was not run, in this results.json")
    .option("--baseline <results>", "print and report what changed since this results.json, in the cells played now")
    .addOption(
      new Option("--reporter <reporter>", "github: annotations, and the matrix as the job's summary").choices([
        "github",
      ]),
    )
    .option("--json", "print the results as JSON instead of the matrix")
    .action(async (ids: string[], options: RunOptions) => {
      const failed = options.onlyFailed === undefined ? undefined : await failedIn(options.onlyFailed);
      if (failed?.length === 0) {
        console.error(`nothing failed in ${options.onlyFailed}`);
        return finish(0);
      }
      const baseline = options.baseline === undefined ? undefined : await readResultsFile(options.baseline);
      const filters = filtersFrom(failed ?? ids, options);
      const choice = await readChoice(filters, options);
      await relaunch(choice.labs);
      const planned = partOf(select(choice, filters, options.seed), options);
      const times = new Map<string, number>();
      const folder = options.report === false ? undefined : await writableFolder(options.report);
      const colors = colorsFor(process.stderr, process.env);
      const progress = new Progress(process.stderr, planned.length, colors, options.all);
      const run = await interruptible((signal) =>
        runPlays({
          seed: options.seed,
          version: version(),
          planned,
          now: Date.now,
          signal,
          threads: { filters, options } satisfies CommandLine,
          ...(options.jobs !== undefined && { jobs: options.jobs }),
          retries: options.retries,
          onTime: (id, ms) => times.set(id, ms),
          keepsCapture: (grade) =>
            folder !== undefined && (options.capture === "all" || (options.capture === "failed" && grade === "failed")),
          onNote: (text) => progress.noted(text),
          onStart: (cell) => progress.started(cellId(cell)),
          onResult: async (result, capture) => {
            progress.finished(result);
            if (folder === undefined || capture === undefined) return undefined;
            return writeCapture(folder, result.id, capture);
          },
        }),
      );
      progress.end();
      if (options.json === true) process.stdout.write(resultsJson(run, options.timelines));
      else printRun(run.plays, options);
      const comparison = baseline && compareWith(baseline, run);
      if (comparison !== undefined && options.json !== true) process.stdout.write(`\n${comparisonText(comparison)}`);
      const left = leftToOtherLabs(choice, filters).length;
      if (left > 0) {
        process.stderr.write(`${left} scenarios with real programs are not in this run; --lab netns plays them\n`);
      }
      if (folder !== undefined) {
        await writeReports(run, folder, { timelines: options.timelines, times, ...(comparison && { comparison }) });
        process.stderr.write(`Report: ${join(folder, "index.html")}\n`);
      }
      if (options.reporter === "github") await tellGitHub(run);
      finish(run.plays.some((play) => play.grade === "failed" || play.grade === "not-run") ? 1 : 0);
    });

/** Makes it, so that a run of an hour does not end without a report. Rejects with UsageError. */
async function writableFolder(named: string): Promise<string> {
  const folder = resolve(named);
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
    return folder;
  } catch (error) {
    throw new UsageError(
      `the report cannot be written to ${folder}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** One folder at a time: `recursive` does not end in /proc (Node 20). */
async function makeFolder(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  await makeFolder(dirname(folder));
  await mkdir(folder);
}

function partOf(planned: readonly PlannedCell[], { shard, times: file }: RunOptions): readonly PlannedCell[] {
  if (shard === undefined) return planned;
  return shardOf(planned, shard, file === undefined ? new Map() : readTimes(file));
}

function shardNamed(text: string): Shard {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.index >= 1 && shard.index <= shard.count && shard.count <= 1000) return shard;
  throw new InvalidArgumentError("It is a part and the number of parts, such as 2/5.");
}

async function failedIn(file: string): Promise<string[]> {
  const { plays } = await readResultsFile(file);
  return plays.filter(({ grade }) => grade === "failed" || grade === "not-run").map(({ id }) => id);
}

async function tellGitHub(run: RunResult): Promise<void> {
  const { annotations } = await import("../../reports/github.ts");
  const { matrixMarkdown } = await import("../../reports/markdown.ts");
  process.stdout.write(annotations(run.plays));
  const { GITHUB_STEP_SUMMARY: file } = process.env;
  if (file !== undefined && file !== "") await appendFile(file, `${matrixMarkdown(run)}\n`);
}

/** Returns its path, relative to the report. */
async function writeCapture(folder: string, id: string, capture: Uint8Array): Promise<string> {
  const name = join("captures", `${id.replaceAll(/[^\w.@,-]+/g, "_")}.pcapng`);
  await mkdir(join(folder, "captures"), { recursive: true });
  await writeFile(join(folder, name), capture);
  return name;
}
