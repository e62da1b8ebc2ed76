/**
 * The catalogue of scenarios: every file below a folder whose default export is a scenario. Its id is its path. Labs and
 * subjects are found in their folders in the same way.
 *
 * @example
 * const catalogue = await readCatalogue(OWN_SCENARIOS);
 */

import { stat } from "node:fs/promises";
import { basename, dirname, extname, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { LabKind, LabPlace } from "../contract/lab.ts";
import type { CatalogueEntry, NamedScenario, Scenario } from "../contract/scenario.ts";
import type { Subject } from "../contract/subject.ts";
import { isQuirk, type Quirk } from "../players/ftp/quirk.ts";
import { DiscoveryError, defaultOf, hasFields, loadDefault, modulesIn } from "./discover.ts";
import { DEFAULT_LABS, SelectionError } from "./selection.ts";

const HERE = fileURLToPath(new URL("./", import.meta.url));
export const OWN_SCENARIOS = fileURLToPath(new URL("../../scenarios", import.meta.url));

const isScenario = (value: unknown): value is Scenario =>
  hasFields(value, ["title", "quirk", "sources", "priority", "play", "expect", "client", "server"]);

const isScenarioFile = (value: unknown): value is Scenario | Quirk | readonly NamedScenario[] =>
  isQuirk(value)
    ? true
    : Array.isArray(value)
      ? value.length > 0 && value.every((one) => hasFields(one, ["name", "scenario"]) && isScenario(one.scenario))
      : isScenario(value);

/** Reads a folder. A file directly in it has the folder's name as its category; without a scenario it is a shared one. */
export async function readCatalogue(folder: string): Promise<CatalogueEntry[]> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined || !found.isDirectory()) throw new DiscoveryError(folder, "is not a folder");
  const entries: CatalogueEntry[] = [];
  for (const file of await modulesIn(folder, ["node_modules"])) {
    const id = relative(folder, file)
      .split(sep)
      .join("/")
      .replace(/\.\w+$/, "");
    if (id.includes("/")) entries.push(...(await entriesOf(file, id)));
    else if (await hasScenario(file)) entries.push(...(await entriesOf(file, `${basename(folder)}/${id}`)));
  }
  return entries;
}

const hasScenario = async (file: string): Promise<boolean> => isScenarioFile(await defaultOf(file));

async function entriesOf(file: string, id: string): Promise<CatalogueEntry[]> {
  const found = await loadDefault(file, "scenario or quirk (write `export default scenario({ … })`)", isScenarioFile);
  const place = { category: dirname(id), file };
  if (isQuirk(found)) return [{ ...place, category: found.topic, id, scenario: found.scenario(basename(id)) }];
  if (isScenario(found)) return [{ ...place, id, scenario: found }];
  return found.map(({ name, scenario }) => ({ ...place, id: `${id}/${name}`, name, scenario }));
}

/** Loads one entry that `readCatalogue` found, in another thread perhaps. */
export async function loadEntry({ id, file, name }: Omit<CatalogueEntry, "scenario">): Promise<CatalogueEntry> {
  const entries = await entriesOf(file, name === undefined ? id : id.slice(0, -name.length - 1));
  const entry = entries.find((one) => one.id === id);
  if (entry === undefined) throw new DiscoveryError(file, `no longer has the scenario ${id}`);
  return entry;
}

/**
 * The labs of these names; `openbsd@7.8` is one release of a lab that has several, and `place` is the way to it. Loads
 * only the labs that are asked for.
 */
export async function readLabs(names: readonly string[] = DEFAULT_LABS, place: LabPlace = {}): Promise<LabKind[]> {
  const is = (value: unknown): value is LabKind => hasFields(value, ["name", "eras", "lacks", "open"]);
  const files = (await modulesIn(`${HERE}../labs`)).filter(isTopLevel("labs"));
  const nameOf = (file: string) => basename(file, extname(file));
  return Promise.all(
    names.map(async (name) => {
      const [base = "", release] = name.split("@");
      const file = files.find((one) => nameOf(one) === base);
      const kind = file === undefined ? undefined : await loadDefault(file, "lab", is);
      if (kind?.at !== undefined) return kind.at(release === undefined ? place : { ...place, release });
      if (kind !== undefined && release === undefined) return kind;
      if (kind !== undefined) throw new SelectionError(`the lab "${base}" has no releases: use --lab ${base}`);
      throw new SelectionError(`no lab is called "${name}"; there are ${files.map(nameOf).join(", ")}`);
    }),
  );
}

export async function readSubjects(): Promise<Subject[]> {
  const is = (value: unknown): value is Subject => hasFields(value, ["name", "profile", "terminates", "start"]);
  const files = await modulesIn(`${HERE}../subjects`);
  return Promise.all(files.filter(isTopLevel("subjects")).map((file) => loadDefault(file, "subject", is)));
}

/** A lab or subject is one file in the folder itself; the folders beside it hold its parts. */
const isTopLevel =
  (folder: string) =>
  (file: string): boolean =>
    dirname(file).endsWith(folder);
