/**
 * Which cells of the matrix are played: the filters of the command line against the catalogue.
 * What cannot be played is kept, with its grade and reason: never a silent pass.
 */

import type { Era, LabKind, Need, Side } from "../contract/lab.ts";
import type { CatalogueEntry, Mode, Scenario } from "../contract/scenario.ts";
import type { Subject } from "../contract/subject.ts";
import type { Family } from "../pf/packet.ts";
import { type Cell, cellId, playSeed } from "../play/cell.ts";

export interface Filters {
  /** Scenario ids, beginnings of them at a `/`, or whole cell ids. */
  readonly ids?: readonly string[];
  readonly categories?: readonly string[];
  readonly priorities?: readonly number[];
  /** "control": neither active nor passive. */
  readonly modes?: readonly (Mode | "control")[];
  readonly families?: readonly Family[];
  readonly sides?: readonly Side[];
  readonly subjects?: readonly string[];
  readonly labs?: readonly string[];
  readonly eras?: readonly Era[];
  /** Also scenarios that wait for half a minute or longer where time is real. One that is named by its id always plays. */
  readonly longWaits?: boolean;
}

export type PlannedCell =
  | { readonly cell: Cell; readonly plan: "play" }
  | { readonly cell: Cell; readonly plan: "unsupported" | "does-not-apply"; readonly reason: string };

/** A filter that matches nothing: wrong use, not success. */
export class SelectionError extends Error {
  override readonly name = "SelectionError";
}

export interface Choice {
  readonly catalogue: readonly CatalogueEntry[];
  readonly labs: readonly LabKind[];
  readonly subjects: readonly Subject[];
}

/** Labs and subjects that a run without further words has. */
export const DEFAULT_LABS = ["sim"];
const DEFAULT_SUBJECTS = ["core", "none"];

export function select(choice: Choice, filters: Filters, runSeed: number): PlannedCell[] {
  const subjects = named("subject", choice.subjects, filters.subjects ?? DEFAULT_SUBJECTS);
  const labs = named("lab", choice.labs, filters.labs ?? DEFAULT_LABS);
  const planned: PlannedCell[] = [];
  for (const entry of choice.catalogue) {
    if (!entryMatches(entry, filters)) continue;
    for (const lab of labs) {
      if (!isAskedFor(entry, lab, filters)) continue;
      for (const subject of subjects) {
        for (const era of lab.eras.filter((one) => filters.eras?.includes(one) ?? one === lab.eras[0])) {
          for (const family of filters.families ?? (["inet", "inet6"] as const)) {
            for (const side of filters.sides ?? (["forward", "reverse"] as const)) {
              const place = { entry, subject, lab, era, family, side, runSeed };
              const id = cellId(place);
              if (filters.ids !== undefined && !filters.ids.some((wanted) => idMatches(wanted, entry.id, id))) continue;
              planned.push(plan({ ...place, seed: playSeed(runSeed, id) }, waitsLong(entry, id, filters)));
            }
          }
        }
      }
    }
  }
  if (filters.ids !== undefined) refuseUnknown(filters.ids, choice.catalogue, planned);
  if (planned.length === 0) {
    const left = leftToOtherLabs(choice, filters);
    const hint = left.length === 0 ? "" : `; ${left.length} scenarios of real programs do, with --lab netns`;
    throw new SelectionError(`nothing matches ${describeFilters(filters)}${hint}`);
  }
  return planned;
}

/**
 * Scenarios that the filters match and that none of their labs is asked for: whoever runs the rest
 * says so.
 */
export function leftToOtherLabs(choice: Choice, filters: Filters): CatalogueEntry[] {
  const labs = named("lab", choice.labs, filters.labs ?? DEFAULT_LABS);
  return choice.catalogue.filter(
    (entry) => entryMatches(entry, filters) && !labs.some((lab) => isAskedFor(entry, lab, filters)),
  );
}

/**
 * Scenarios with programs of the machine fill a matrix of their own. A run that names none of them, in a
 * lab that has no programs at all, is not about them.
 */
function isAskedFor({ scenario }: CatalogueEntry, lab: LabKind, { ids, categories }: Filters): boolean {
  if (ids !== undefined || categories !== undefined || !needsOf(scenario).includes("processes")) return true;
  return lab.lacks("processes") === undefined;
}

/** What a lab must carry for it, its players' needs included. */
export const needsOf = ({ needs, client, server }: Scenario): readonly Need[] => [
  ...needs,
  ...client.needs,
  ...server.needs,
];

/** Every id given must match something: a typo among ten ids must not pass unseen. */
function refuseUnknown(
  ids: readonly string[],
  catalogue: readonly CatalogueEntry[],
  planned: readonly PlannedCell[],
): void {
  for (const wanted of ids) {
    const [scenarioId = ""] = wanted.split("@");
    if (!catalogue.some((entry) => idMatches(scenarioId, entry.id, ""))) {
      throw new SelectionError(`no scenario matches "${scenarioId}"; \`anchorage list\` shows all`);
    }
    if (!planned.some(({ cell }) => idMatches(wanted, cell.entry.id, cellId(cell)))) {
      throw new SelectionError(`"${wanted}" is outside of the other filters`);
    }
  }
}

const waitsLong = (entry: CatalogueEntry, id: string, { ids, longWaits }: Filters): boolean =>
  longWaits === true || ids?.some((wanted) => wanted === entry.id || wanted === id) === true;

/** Why the lab cannot carry the need. Long waits are no matter of the lab but of who has the time. */
function lackOf(need: Need, lab: LabKind, mayWaitLong: boolean): string | undefined {
  if (need !== "long-waits") return lab.lacks(need);
  return mayWaitLong || lab.lacks("virtual-time") === undefined
    ? undefined
    : "waits for half a minute or more of real time: --long-waits plays it";
}

function plan(cell: Cell, mayWaitLong: boolean): PlannedCell {
  const { scenario } = cell.entry;
  if (!scenario.families.includes(cell.family)) {
    return { cell, plan: "does-not-apply", reason: `the scenario has no meaning over ${cell.family}` };
  }
  if (!scenario.sides.includes(cell.side)) {
    return { cell, plan: "does-not-apply", reason: `the scenario has no meaning in ${cell.side} mode` };
  }
  if (!scenario.eras.includes(cell.era)) {
    return { cell, plan: "does-not-apply", reason: `the scenario has no meaning in the era ${cell.era}` };
  }
  if (cell.subject.kernelRules !== undefined && scenario.pfConf !== undefined && scenario.kernelRules === undefined) {
    return {
      cell,
      plan: "does-not-apply",
      reason: "the scenario is about a pf.conf, and with this subject there is none",
    };
  }
  const lacking = needsOf(scenario)
    .map((need) => lackOf(need, cell.lab, mayWaitLong))
    .find((reason) => reason !== undefined);
  const args = cell.subject.terminates ? scenario.proxyArgs : [];
  const reason = lacking ?? cell.subject.lacks({ side: cell.side, family: cell.family, era: cell.era, args }, cell.lab);
  return reason === undefined ? { cell, plan: "play" } : { cell, plan: "unsupported", reason };
}

function entryMatches(entry: CatalogueEntry, filters: Filters): boolean {
  return (
    (filters.categories?.includes(entry.category) ?? true) &&
    (filters.priorities?.includes(entry.scenario.priority) ?? true) &&
    (filters.modes?.some((mode) => hasMode(entry, mode)) ?? true)
  );
}

const hasMode = ({ scenario }: CatalogueEntry, mode: Mode | "control"): boolean =>
  mode === "control" ? scenario.modes.length === 0 : scenario.modes.includes(mode);

const idMatches = (wanted: string, scenarioId: string, id: string): boolean =>
  wanted.includes("@")
    ? id === wanted
    : scenarioId === wanted || scenarioId.startsWith(wanted.endsWith("/") ? wanted : `${wanted}/`);

function named<T extends { readonly name: string }>(what: string, all: readonly T[], names: readonly string[]): T[] {
  return names.map((name) => {
    const found = all.find((one) => one.name === name);
    if (found !== undefined) return found;
    throw new SelectionError(`no ${what} is called "${name}"; there are ${all.map((one) => one.name).join(", ")}`);
  });
}

function describeFilters(filters: Filters): string {
  const { longWaits: _, ...choosing } = filters;
  const parts = Object.entries(choosing).map(([name, values]) => `${name} ${values.join(", ")}`);
  return parts.length === 0 ? "an empty catalogue" : parts.join("; ");
}
