/** A `results.json` that the user named. Throws UsageError when it cannot be read or is none. */

import { readFile } from "node:fs/promises";
import { ResultsError, readResults } from "../../reports/json.ts";
import type { RunResult } from "../../reports/model.ts";
import { UsageError } from "./usage-error.ts";

export async function readResultsFile(file: string): Promise<RunResult> {
  try {
    return readResults(await readFile(file, "utf8"), file);
  } catch (error) {
    if (error instanceof ResultsError) throw new UsageError(error.message);
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
