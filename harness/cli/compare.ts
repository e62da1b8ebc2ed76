/** `anchorage compare BASELINE RESULTS`: what has changed between two runs. */

import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { compareRuns, comparisonText } from "../../reports/baseline.ts";
import { ResultsError, readResults } from "../../reports/json.ts";
import type { RunResult } from "../../reports/model.ts";
import { UsageError } from "./usage-error.ts";

export const compareCommand = (finish: (status: number) => void): Command =>
  new Command("compare")
    .description("compare two results.json: what fails newly, passes newly, is gone")
    .argument("<baseline>", "results.json of an earlier run")
    .argument("<results>", "results.json of this run")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      "\nExit status: 1 when a play fails, or cannot be played, that passed before, or a new one fails.",
    )
    .action(async (baseline: string, results: string, options: { json?: boolean }) => {
      const comparison = compareRuns(await read(baseline), await read(results));
      console.log(options.json === true ? JSON.stringify(comparison, null, 2) : comparisonText(comparison).trimEnd());
      finish(comparison.regressed ? 1 : 0);
    });

async function read(file: string): Promise<RunResult> {
  try {
    return readResults(await readFile(file, "utf8"), file);
  } catch (error) {
    if (error instanceof ResultsError) throw new UsageError(error.message);
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
