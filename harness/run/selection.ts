/**
 * Which cells of the matrix are played: the catalogue through the filters of the command line. A cell that cannot be
 * played stays in the plan with its grade and reason, so it never passes silently.
 *
 * @example
 * select(choice, { ids: ["passive/pasv"], subjects: ["core"] }, 1) // [{ cell, plan: "play" }, …]
 */

import { didYouMean, nearest } from "../../reports/nearest.ts";
import { AnchorageError } from "../contract/errors.ts";
import type { Era, LabKind, Need, Side } from "../contract/lab.ts";
import type { CatalogueEntry, Mode, Scenario } from "../contract/scenario.ts";
import type { Subject } from "../contract/subject.ts";
import type { Family } from "../pf/packet.ts";
import { type Cell, cellId, playSeed } from "../play/cell.ts";
import { patternOf } from "./pattern.ts";

export interface Filters {
  /** Scenario ids, folders of them, or whole cell ids. */
  readonly ids?: readonly string[];
  readonly categories?: readonly string[];
  readonly priorities?: readonly number[];
  /** "control": scenarios without data connections. */
  readonly modes?: readonly (Mode | "control")[];
  readonly families?: readonly Family[];
  readonly sides?: readonly Side[];
  readonly subjects?: readonly string[];
  readonly labs?: readonly string[];
  readonly eras?: readonly Era[];
  /** In real time, also scenarios that wait for half a minute or longer. A scenario named by its id always plays. */
  readonly longWaits?: boolean;
}

export type PlannedCell =
  | { readonly cell: Cell; readonly plan: "play" }
  | { readonly cell: Cell; readonly plan: "unsupported" | "does-not-apply"; readonly reason: string };

/** A filter that matches nothing is wrong use, not success. */
export class SelectionError extends AnchorageError {
  override readonly name = "SelectionError";
}

export interface Choice {
  readonly catalogue: readonly CatalogueEntry[];
  readonly labs: readonly LabKind[];
  readonly subjects: readonly Subject[];
}

/** Labs and subjects of a run without options. */
export const DEFAULT_LABS = ["sim"];
const DEFAULT_SUBJECTS = ["core", "none"];

/** Throws SelectionError when nothing matches, or when an id matches nothing. */
export function select(choice: Choice, filters: Filters, runSeed: number): PlannedCell[] {
  const planned = cellsOf(choice, filters, runSeed).map((cell) =>
    plan(cell, waitsLong(cell.entry, cellId(cell), filters)),
  );
  if (filters.ids !== undefined) refuseUnknown(filters.ids, choice.catalogue, planned);
  if (planned.length === 0) {
    const left = leftToOtherLabs(choice, filters);
    const hint = left.length === 0 ? "" : `; ${left.length} scenarios of real programs do, with --lab netns`;
    throw new SelectionError(`nothing matches ${describeFilters(filters)}${hint}`);
  }
  return planned;
}

/** The part of the matrix that the filters leave, scenario by scenario. */
function cellsOf(choice: Choice, filters: Filters, runSeed: number): Cell[] {
  const labs = named("lab", choice.labs, filters.labs ?? DEFAULT_LABS).map((lab) => ({
    lab,
    settings: settingsIn(lab, choice, filters),
  }));
  const entries = choice.catalogue.filter((entry) => entryMatches(entry, filters));
  return entries.flatMap((entry) =>
    labs
      .filter(({ lab }) => isAskedFor(entry, lab, filters))
      .flatMap(({ lab, settings }) => settings.map((setting) => ({ entry, lab, ...setting, runSeed })))
      .map((cell) => ({ ...cell, id: cellId(cell) }))
      .filter(({ id }) => filters.ids?.some((wanted) => idMatches(wanted, entry, id)) ?? true)
      .map(({ id, ...cell }) => ({ ...cell, seed: playSeed(runSeed, id) })),
  );
}

/** Every combination of subject, era, family and side in that lab. */
function settingsIn(
  lab: LabKind,
  choice: Choice,
  filters: Filters,
): readonly Pick<Cell, "subject" | "era" | "family" | "side">[] {
  const subjects = named("subject", choice.subjects, filters.subjects ?? DEFAULT_SUBJECTS);
  const eras = lab.eras.filter((era) => filters.eras?.includes(era) ?? era === lab.eras[0]);
  const families = filters.families ?? (["inet", "inet6"] as const);
  const sides = filters.sides ?? (["forward", "reverse"] as const);
  return subjects.flatMap((subject) =>
    eras.flatMap((era) => families.flatMap((family) => sides.map((side) => ({ subject, era, family, side })))),
  );
}

/** Scenarios that match the filters but belong to other labs. A run reports how many it leaves out. */
export function leftToOtherLabs(choice: Choice, filters: Filters): CatalogueEntry[] {
  const labs = named("lab", choice.labs, filters.labs ?? DEFAULT_LABS);
  return choice.catalogue.filter(
    (entry) => entryMatches(entry, filters) && !labs.some((lab) => isAskedFor(entry, lab, filters)),
  );
}

/**
 * Scenarios with programs of the machine are a separate matrix. A run in a lab without programs leaves them out unless
 * it names a scenario or category.
 */
function isAskedFor({ scenario }: CatalogueEntry, lab: LabKind, { ids, categories }: Filters): boolean {
  if (ids !== undefined || categories !== undefined || !needsOf(scenario).includes("processes")) return true;
  return lab.lacks("processes") === undefined;
}

/** The needs of a scenario, its players' included. */
export const needsOf = ({ needs, client, server }: Scenario): readonly Need[] => [
  ...needs,
  ...client.needs,
  ...server.needs,
];

/** Every given id must match, so that a typo among ten ids is noticed. */
function refuseUnknown(
  ids: readonly string[],
  catalogue: readonly CatalogueEntry[],
  planned: readonly PlannedCell[],
): void {
  for (const wanted of ids) {
    const [scenarioId = ""] = wanted.split("@");
    if (!catalogue.some((entry) => idMatches(scenarioId, entry, ""))) {
      throw new SelectionError(`no scenario matches "${scenarioId}"; ${perhapsMeant(scenarioId, catalogue)}`);
    }
    if (!planned.some(({ cell }) => idMatches(wanted, cell.entry, cellId(cell)))) {
      throw new SelectionError(`the other filters leave out "${wanted}"`);
    }
  }
}

/** `did you mean active/port? …`: of an id, or of a name without its folder. */
export function perhapsMeant(wanted: string, catalogue: readonly CatalogueEntry[]): string {
  const ids = catalogue.map(({ id }) => id);
  const names = new Map(ids.map((id) => [id.slice(id.lastIndexOf("/") + 1), id]));
  const close = wanted.includes("/")
    ? nearest(wanted, ids)
    : nearest(wanted, [...names.keys()]).map((one) => names.get(one) ?? one);
  return `${didYouMean(close)}\`anchorage list\` shows all`;
}

const waitsLong = (entry: CatalogueEntry, id: string, { ids, longWaits }: Filters): boolean =>
  longWaits === true || ids?.some((wanted) => wanted === entry.id || wanted === id) === true;

/** Why the lab cannot carry the need. Long waits depend on the user's time, not on the lab. */
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
      reason: "the scenario changes pf.conf, and this subject has none",
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

/** A whole cell id, a scenario's id or name, the beginning of one, or a pattern: `passive`, `servers/pasv-*`. */
const idMatches = (wanted: string, entry: CatalogueEntry, id: string): boolean =>
  wanted.includes("@") ? patternOf(wanted).test(id) : isCalled(entry, wanted);

/** Its id, its name alone, or its category with either; or a folder of them. */
export function isCalled({ id, category }: CatalogueEntry, wanted: string): boolean {
  const name = id.slice(id.indexOf("/") + 1);
  if (wanted.includes("*")) return [id, `${category}/${name}`, name].some((one) => patternOf(wanted).test(one));
  const beginning = wanted.endsWith("/") ? wanted : `${wanted}/`;
  return name === wanted || [id, `${category}/${name}`].some((one) => one === wanted || one.startsWith(beginning));
}

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
