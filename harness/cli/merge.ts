/** `anchorage merge RESULTS…`: several runs in one report. */

import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { mergeRuns } from "../../reports/merge.ts";
import type { RunResult } from "../../reports/model.ts";
import { colorsFor, widthOf } from "../../reports/terminal/output.ts";
import { summaryTable } from "../../reports/terminal/summary.ts";
import { writeReports } from "../../reports/write.ts";
import { readResultsFile } from "./results-file.ts";

export const mergeCommand = (finish: (status: number) => void): Command =>
  new Command("merge")
    .description("make one matrix and report of several results.json")
    .argument("<results...>", "results.json of runs, each in its report's folder")
    .option("--report <folder>", "where the report goes", join("reports", "out"))
    .option("--all", "show every row of the matrix, however many")
    .addHelpText(
      "after",
      "\nA play that several runs have is told as the last of those that really played it tells it." +
        "\nExit status: 1 when a play failed or was not run.",
    )
    .action(async (files: string[], options: { report: string; all?: boolean }) => {
      const runs: { file: string; run: RunResult }[] = [];
      for (const file of files) runs.push({ file, run: await readResultsFile(file) });
      const merged = mergeRuns(runs.map(({ run }) => run));
      const folder = resolve(options.report);
      for (const { file, run } of runs) await bringCaptures(run, merged, dirname(resolve(file)), folder);
      await writeReports(merged, folder);
      const out = { width: widthOf(process.stdout), colors: colorsFor(process.stdout, process.env) };
      process.stdout.write(summaryTable(merged.plays, { ...out, all: options.all === true }));
      process.stderr.write(`Report: ${join(folder, "index.html")}\n`);
      finish(merged.plays.some(({ grade }) => grade === "failed" || grade === "not-run") ? 1 : 0);
    });

/** Captures of the plays that came from this run. One that is no longer there is left out, as the rest is still worth reading. */
async function bringCaptures(run: RunResult, merged: RunResult, from: string, to: string): Promise<void> {
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
