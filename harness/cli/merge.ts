/** `anchorage merge RESULTS…`: one report of several runs. */

import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import type { RunResult } from "../../reports/model.ts";
import { mergeRuns } from "../../reports/results.ts";
import { writeReports } from "../../reports/write.ts";
import { readResultsFile } from "./compare.ts";
import type { Finish } from "./exit-status.ts";
import { readTimes } from "./input.ts";
import { addPrinting, type PrintOptions, printRun } from "./printing.ts";

export const mergeCommand = (finish: Finish): Command =>
  addPrinting(new Command("merge"))
    .description("merge several results.json into one matrix and report")
    .argument("<results...>", "results.json of runs, each in its report's folder")
    .option("--report <folder>", "where the report goes", join("reports", "out"))
    .addHelpText(
      "after",
      "\nIf several runs have a play, the last run in which it passed or failed counts." +
        "\nExit status: 1 if a play failed or was not run.",
    )
    .action(async (files: string[], options: PrintOptions & { report: string }) => {
      const runs = await Promise.all(files.map(async (file) => ({ file, run: await readResultsFile(file) })));
      const merged = mergeRuns(runs.map(({ run }) => run));
      const folder = resolve(options.report);
      for (const { file, run } of runs) await copyCaptures(run, merged, dirname(resolve(file)), folder);
      await writeReports(merged, folder, { times: timesBeside(files) });
      printRun(merged.plays, options);
      process.stderr.write(`Report: ${join(folder, "index.html")}\n`);
      finish(merged.plays.some(({ grade }) => grade === "failed" || grade === "not-run") ? 1 : 0);
    });

/** Those of each run's times.json, where there is one. */
function timesBeside(files: readonly string[]): Map<string, number> {
  const times = files.map((file) => join(dirname(resolve(file)), "times.json")).filter((file) => existsSync(file));
  return new Map(times.flatMap((file) => [...readTimes(file)]));
}

/** Captures of the plays that came from this run. A capture that was deleted is left out: the rest is worth reading. */
async function copyCaptures(run: RunResult, merged: RunResult, from: string, to: string): Promise<void> {
  if (from === to) return;
  const taken = new Set(merged.plays);
  for (const play of run.plays) {
    if (play.capture === undefined || !taken.has(play)) continue;
    const target = join(to, play.capture);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(from, play.capture), target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
}
