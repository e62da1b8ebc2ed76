/**
 * The whole catalogue, or what the filters leave of it, played in these labs as a run with seed 1.
 *
 * @example
 * const { plays } = await playCatalogue([netns], { ids: ["passive/pasv"], subjects: ["core"] });
 */

import type { RunResult } from "../../reports/model.ts";
import type { LabKind } from "../contract/lab.ts";
import { OWN_SCENARIOS, readCatalogue, readSubjects } from "./catalogue.ts";
import { runPlays } from "./runner.ts";
import { type Filters, select } from "./selection.ts";

export async function playCatalogue(labs: readonly LabKind[], ...filters: readonly Filters[]): Promise<RunResult> {
  const choice = { catalogue: await readCatalogue(OWN_SCENARIOS), labs, subjects: await readSubjects() };
  const names = labs.map(({ name }) => name);
  const planned = filters.flatMap((one) => select(choice, { labs: names, ...one }, 1));
  return runPlays({ seed: 1, version: "0", now: () => 0, planned });
}
