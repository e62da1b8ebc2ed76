/** `anchorage list`: the catalogue, one scenario a line; `--quirks`: the quirky players. */

import { Command } from "commander";
import { OWN_SCENARIOS } from "../run/catalogue.ts";
import { readIndex } from "../run/catalogue-index.ts";
import { readQuirks } from "../run/quirks.ts";
import { type Choice, type Filters, select } from "../run/selection.ts";
import { addFilters, type FilterOptions, filtersFrom, readChoice } from "./filters.ts";

type ListOptions = FilterOptions & { readonly json?: boolean; readonly quirks?: boolean };

export const listCommand = (): Command =>
  addFilters(new Command("list"))
    .description("list the scenarios of the catalogue")
    .argument("[id...]", "scenario ids, or beginnings of them")
    .option("--quirks", "the quirky servers and clients, which can meet any player")
    .option("--json", "as JSON")
    .action(async (ids: string[], options: ListOptions) => {
      if (options.quirks === true) return listQuirks(ids, options);
      const filters = filtersFrom(ids, options);
      const planned = select(await choiceFor(filters, options), filters, 0);
      const entries = [...new Map(planned.map(({ cell }) => [cell.entry.id, cell.entry])).values()];
      if (options.json === true) {
        const list = entries.map(({ id, category, scenario }) => ({
          id,
          category,
          title: scenario.title,
          priority: scenario.priority,
          modes: scenario.modes,
          families: scenario.families,
          sides: scenario.sides,
        }));
        console.log(JSON.stringify(list, null, 2));
        return;
      }
      const width = Math.max(...entries.map(({ id }) => id.length));
      for (const { id, scenario } of entries) console.log(`${id.padEnd(width)}  ${scenario.title}`);
    });

/** A line, or a record, for each quirky player; `patterns` choose by name. */
async function listQuirks(patterns: readonly string[], { json, scenarios = [] }: ListOptions): Promise<void> {
  const folders = [OWN_SCENARIOS, ...scenarios];
  const wanted = patterns.length === 0 ? ["*"] : patterns;
  const found = (
    await Promise.all((["server", "client"] as const).map((peer) => readQuirks(peer, wanted, folders)))
  ).flat();
  if (json === true) {
    const records = found.map(({ name, file, quirk: { quirk, title, who, sources, topic, modes, families } }) => ({
      ...{ name, peer: quirk, title, who, sources, topic, modes, families, file },
    }));
    console.log(JSON.stringify(records, null, 2));
    return;
  }
  const width = Math.max(...found.map(({ name }) => name.length));
  for (const { name, quirk } of found) console.log(`${quirk.quirk}  ${name.padEnd(width)}  ${quirk.title}`);
}

/** From the index where it has all that is asked for. */
async function choiceFor(filters: Filters, options: FilterOptions): Promise<Choice> {
  const isIndexed = (filters.labs ?? filters.subjects ?? options.scenarios) === undefined;
  const indexed = isIndexed ? readIndex() : undefined;
  return indexed ?? readChoice(filters, options);
}
