/**
 * The catalogue as `anchorage list` needs it, written when the package is built: loading hundreds of scenarios with all
 * their players takes twenty times as long as reading this file. A checkout has none and loads the scenarios.
 *
 * @example
 * const choice = readIndex(); // undefined in a checkout
 */

import { readFileSync, writeFileSync } from "node:fs";
import type { Era, LabKind } from "../contract/lab.ts";
import type { CatalogueEntry } from "../contract/scenario.ts";
import type { Subject } from "../contract/subject.ts";
import { RUNS_SOURCES } from "../package.ts";
import type { Choice } from "./selection.ts";

interface Index {
  readonly entries: readonly CatalogueEntry[];
  readonly lab: { readonly name: string; readonly eras: readonly Era[]; readonly noProcesses?: string };
  readonly subjects: readonly string[];
}

const FILE = new URL("catalogue-index.json", import.meta.url);

/** The functions of a scenario stay behind: the index serves to select and to describe, not to play. */
export function writeIndex({ catalogue, labs, subjects }: Choice): void {
  const [lab] = labs;
  if (lab === undefined) throw new Error("an index needs the default lab");
  const noProcesses = lab.lacks("processes");
  const index: Index = {
    entries: catalogue.map((entry) => ({ ...entry, file: "" })),
    lab: { name: lab.name, eras: lab.eras, ...(noProcesses !== undefined && { noProcesses }) },
    subjects: subjects.map(({ name }) => name),
  };
  writeFileSync(FILE, JSON.stringify(index));
}

/** The catalogue, the default lab and the subjects, good for `select` alone; undefined in a checkout. */
export function readIndex(): Choice | undefined {
  if (RUNS_SOURCES) return undefined;
  const { entries, lab, subjects } = JSON.parse(readFileSync(FILE, "utf8")) as Index;
  const lacks = (need: string) => (need === "processes" ? lab.noProcesses : undefined);
  return {
    catalogue: entries,
    labs: [{ name: lab.name, eras: lab.eras, lacks } as LabKind],
    subjects: subjects.map((name) => ({ name, lacks: () => undefined }) as unknown as Subject),
  };
}
