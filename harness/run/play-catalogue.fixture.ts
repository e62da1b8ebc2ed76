/**
 * For tests: Anchorage's own catalogue, played as a run with seed 1.
 *
 * @example
 * const { plays } = await playCatalogue([netns], { ids: ["passive/pasv"], subjects: ["core"] });
 */

import type { RunResult } from "../../reports/model.ts";
import type { LabKind } from "../contract/lab.ts";
import sim from "../labs/sim.ts";
import { OWN_SCENARIOS, readCatalogue, readSubjects } from "./catalogue.ts";
import { type RunnerOptions, runPlays } from "./runner.ts";
import { type Choice, type Filters, type PlannedCell, select } from "./selection.ts";

/** The whole catalogue, with these labs and every subject. */
export async function ownChoice(labs: readonly LabKind[] = [sim]): Promise<Choice> {
  return { catalogue: await readCatalogue(OWN_SCENARIOS), labs, subjects: await readSubjects() };
}

export const playCells = (
  planned: readonly PlannedCell[],
  options: Partial<Omit<RunnerOptions, "planned">> = {},
): Promise<RunResult> => runPlays({ seed: 1, version: "test", now: () => 0, planned, ...options });

export async function playCatalogue(labs: readonly LabKind[], ...filters: readonly Filters[]): Promise<RunResult> {
  const choice = await ownChoice(labs);
  const names = labs.map(({ name }) => name);
  return playCells(filters.flatMap((one) => select(choice, { labs: names, ...one }, 1)));
}
