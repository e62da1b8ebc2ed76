/** `anchorage run`: plays the chosen cells and writes the report. */

import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { resultsJson, type Timelines } from "../../reports/results.ts";
import { colorsFor } from "../../reports/terminal/output.ts";
import { Progress } from "../../reports/terminal/progress.ts";
import { writeReports } from "../../reports/write.ts";
import { version } from "../package.ts";
import { cellId } from "../play/cell.ts";
import { runPlays } from "../run/runner.ts";
import { leftToOtherLabs, select } from "../run/selection.ts";
import { type Finish, interruptible } from "./exit-status.ts";
import { addFilters, type FilterOptions, filtersFrom, readChoice } from "./filters.ts";
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
    .option("--json", "print the results as JSON instead of the matrix")
    .action(async (ids: string[], options: RunOptions) => {
      const filters = filtersFrom(ids, options);
      const choice = await readChoice(filters, options);
      await relaunch(choice.labs);
      const planned = select(choice, filters, options.seed);
      const folder = options.report === false ? undefined : resolve(options.report);
      const colors = colorsFor(process.stderr, process.env);
      const progress = new Progress(process.stderr, planned.length, colors);
      const run = await interruptible((signal) =>
        runPlays({
          seed: options.seed,
          version: version(),
          planned,
          now: Date.now,
          signal,
          threads: { filters, options } satisfies CommandLine,
          ...(options.jobs !== undefined && { jobs: options.jobs }),
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
      const left = leftToOtherLabs(choice, filters).length;
      if (left > 0) {
        process.stderr.write(`${left} scenarios with real programs are not in this run; --lab netns plays them\n`);
      }
      if (folder !== undefined) {
        await writeReports(run, folder, { timelines: options.timelines });
        process.stderr.write(`Report: ${join(folder, "index.html")}\n`);
      }
      finish(run.plays.some((play) => play.grade === "failed" || play.grade === "not-run") ? 1 : 0);
    });

/** Returns its path, relative to the report. */
async function writeCapture(folder: string, id: string, capture: Uint8Array): Promise<string> {
  const name = join("captures", `${id.replaceAll(/[^\w.@,-]+/g, "_")}.pcapng`);
  await mkdir(join(folder, "captures"), { recursive: true });
  await writeFile(join(folder, name), capture);
  return name;
}
