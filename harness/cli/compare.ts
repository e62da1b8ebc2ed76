/** `anchorage compare BASELINE RESULTS`: what has changed between two runs. */

import { Command, Option } from "commander";
import { compareRuns, comparisonText, PLACES, type Place } from "../../reports/baseline.ts";
import { readResultsFile } from "./results-file.ts";

export const compareCommand = (finish: (status: number) => void): Command =>
  new Command("compare")
    .description("compare two results.json: what fails newly, passes newly, is gone")
    .argument("<baseline>", "results.json of an earlier run")
    .argument("<results>", "results.json of this run")
    .addOption(new Option("--apart-from <what...>", "pair plays that differ in these, such as the lab").choices(PLACES))
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      "\nExit status: 1 when a play fails, or cannot be played, that passed before, or a new one fails.",
    )
    .action(async (baseline: string, results: string, options: { json?: boolean; apartFrom?: Place[] }) => {
      const comparison = compareRuns(
        await readResultsFile(baseline),
        await readResultsFile(results),
        options.apartFrom,
      );
      console.log(options.json === true ? JSON.stringify(comparison, null, 2) : comparisonText(comparison).trimEnd());
      finish(comparison.regressed ? 1 : 0);
    });
