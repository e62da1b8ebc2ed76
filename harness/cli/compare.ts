/** `anchorage compare BASELINE RESULTS`: what differs between two runs. */

import { Command, Option } from "commander";
import { compareRuns, comparisonText, IGNORABLE, type Ignorable } from "../../reports/baseline.ts";
import type { RunResult } from "../../reports/model.ts";
import { ResultsError, readResults } from "../../reports/results.ts";
import { writeReports } from "../../reports/write.ts";
import { type Finish, UsageError } from "./exit-status.ts";
import { readInput } from "./input.ts";

interface CompareOptions {
  readonly json?: boolean;
  readonly apartFrom?: Ignorable[];
  readonly report?: string;
}

export const compareCommand = (finish: Finish): Command =>
  new Command("compare")
    .description("compare two results.json: plays that newly fail, newly pass, or are gone")
    .argument("<baseline>", "results.json of an earlier run")
    .argument("<results>", "results.json of this run")
    .addOption(
      new Option("--apart-from <what...>", "pair plays that differ in these, such as the lab").choices(IGNORABLE),
    )
    .option("--json", "as JSON")
    .option("--report <folder>", "write the report of the second run there; its page shows what changed")
    .addHelpText(
      "after",
      "\nExit status: 1 if a play that passed before fails or cannot be played now, or if a new play fails.",
    )
    .action(async (baseline: string, results: string, options: CompareOptions) => {
      const after = await readResultsFile(results);
      const comparison = compareRuns(await readResultsFile(baseline), after, options.apartFrom);
      console.log(options.json === true ? JSON.stringify(comparison, null, 2) : comparisonText(comparison).trimEnd());
      if (options.report !== undefined) {
        const [page] = await writeReports(after, options.report, { timelines: "all", comparison });
        process.stderr.write(`Report: ${page}\n`);
      }
      finish(comparison.regressed ? 1 : 0);
    });

/** A `results.json` that the user named. Rejects with UsageError. */
export async function readResultsFile(file: string): Promise<RunResult> {
  const text = readInput(file, "utf8");
  const { resultsTrouble } = await import("../../reports/check-results.ts");
  try {
    return readResults(text, file, resultsTrouble);
  } catch (error) {
    throw error instanceof ResultsError ? new UsageError(error.message) : error;
  }
}
