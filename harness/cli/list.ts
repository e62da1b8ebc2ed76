/** `anchorage list`: the catalogue, one scenario a line. */

import { Command } from "commander";
import { readIndex } from "../run/catalogue-index.ts";
import { type Choice, type Filters, select } from "../run/selection.ts";
import { addFilters, type FilterOptions, filtersFrom, readChoice } from "./filters.ts";

export const listCommand = (): Command =>
  addFilters(new Command("list"))
    .description("list the scenarios of the catalogue")
    .argument("[id...]", "scenario ids, or beginnings of them")
    .option("--json", "as JSON")
    .action(async (ids: string[], options: FilterOptions & { json?: boolean }) => {
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

/** From the index where it has all that is asked for. */
async function choiceFor(filters: Filters, options: FilterOptions): Promise<Choice> {
  const isIndexed = (filters.labs ?? filters.subjects ?? options.scenarios) === undefined;
  const indexed = isIndexed ? readIndex() : undefined;
  return indexed ?? readChoice(filters, options);
}
