/**
 * The filters that `run`, `list` and `repro` share, from the command line to a selection.
 */

import { type Command, InvalidArgumentError, Option } from "commander";
import type { Era, LabPlace, Side } from "../contract/lab.ts";
import type { Mode } from "../contract/scenario.ts";
import type { Family } from "../pf/packet.ts";
import { OWN_SCENARIOS, readCatalogue, readLabs, readSubjects } from "../run/catalogue.ts";
import type { Choice, Filters } from "../run/selection.ts";
import { addOwnPrograms, hasOwnPrograms, type OwnProgramOptions, ownCatalogue } from "./own-programs.ts";
import { UsageError } from "./usage-error.ts";

/** The seed of a run that names none: runs are the same every time. */
const DEFAULT_SEED = 1;

export interface FilterOptions extends OwnProgramOptions {
  readonly category?: string[];
  readonly priority?: string[];
  readonly mode?: (Mode | "control")[];
  readonly family?: Family[];
  readonly side?: Side[];
  readonly subject?: string[];
  readonly lab?: string[];
  readonly era?: Era[];
  readonly scenarios?: string[];
  readonly longWaits?: boolean;
  readonly sshConfig?: string;
  readonly agentCommand?: string;
}

export function addFilters(command: Command): Command {
  return addOwnPrograms(command)
    .option("--category <name...>", "only these categories (folders of the catalogue)")
    .addOption(new Option("--priority <n...>", "only these priorities").choices(["1", "2", "3"]))
    .addOption(
      new Option("--mode <mode...>", "only scenarios that negotiate data so, or not at all").choices([
        "active",
        "passive",
        "control",
      ]),
    )
    .addOption(new Option("--family <family...>", "only these address families").choices(["inet", "inet6"]))
    .addOption(new Option("--side <side...>", "clients inside, or the server inside").choices(["forward", "reverse"]))
    .option("--subject <name...>", "proxies under test (default: core none)")
    .option("--lab <name...>", "where to play (default: sim; with --client or --server: netns)")
    .addOption(
      new Option("--era <era...>", "PF language of the firewall").choices(["divert-to", "rdr-to", "rdr-anchor"]),
    )
    .option("--scenarios <folder...>", "more scenarios, from folders of your own")
    .option("--long-waits", "where time is real, also scenarios that wait for half a minute or longer")
    .option(
      "--ssh-config <file>",
      "labs openbsd and freebsd: the way to the machine, as `vagrant ssh-config` prints it",
    )
    .option("--agent-command <command>", "the same labs: what starts an agent on {host}, instead of ssh");
}

export const seedOption = (): Option =>
  new Option("--seed <number>", "seed of everything random").default(DEFAULT_SEED).argParser((text) => {
    if (!/^\d{1,10}$/.test(text) || Number(text) > 0xffff_ffff) {
      throw new InvalidArgumentError("A seed is a number from 0 to 4294967295.");
    }
    return Number(text);
  });

/** Ids may be whole cells (`passive/pasv@core,sim,divert-to,inet,forward`): what they name is taken from there. */
export function filtersFrom(ids: readonly string[], options: FilterOptions): Filters {
  const cells = ids.filter((id) => id.includes("@")).map(parseCellId);
  const named = (given: readonly string[] | undefined, part: "subject" | "lab" | "era"): string[] | undefined => {
    if (given !== undefined) return [...given];
    return cells.length === 0 ? undefined : [...new Set(cells.map((cell) => cell[part]))];
  };
  const subjects = named(options.subject, "subject");
  // Programs of the user's own play nowhere else.
  const labs = named(options.lab, "lab") ?? (hasOwnPrograms(options) ? ["netns"] : undefined);
  const eras = named(options.era, "era") as Era[] | undefined;
  return {
    ...(ids.length === 0 ? {} : { ids }),
    ...(options.category === undefined ? {} : { categories: options.category }),
    ...(options.priority === undefined ? {} : { priorities: options.priority.map(Number) }),
    ...(options.mode === undefined ? {} : { modes: options.mode }),
    ...(options.longWaits === undefined ? {} : { longWaits: options.longWaits }),
    ...(options.family === undefined ? {} : { families: options.family }),
    ...(options.side === undefined ? {} : { sides: options.side }),
    ...(subjects === undefined ? {} : { subjects }),
    ...(labs === undefined ? {} : { labs }),
    ...(eras === undefined ? {} : { eras }),
  };
}

function parseCellId(id: string): { subject: string; lab: string; era: string } {
  // The lab's name may have an @ of its own: openbsd@7.8.
  const [subject, lab, era, family, side] = id.slice(id.indexOf("@") + 1).split(",");
  if (subject === undefined || lab === undefined || era === undefined || family === undefined || side === undefined) {
    throw new UsageError(
      `"${id}" is no cell: write SCENARIO@SUBJECT,LAB,ERA,FAMILY,SIDE, as \`anchorage run\` prints it`,
    );
  }
  return { subject, lab, era };
}

/**
 * The catalogue, the user's own scenarios added, with subjects and the labs that the filters name. With programs of
 * the user's own they are all of it.
 */
export async function readChoice(filters: Filters, options: FilterOptions = {}): Promise<Choice> {
  const { scenarios: folders = [], sshConfig, agentCommand } = options;
  const place: LabPlace = { ...(sshConfig && { sshConfig }), ...(agentCommand && { agentCommand }) };
  const [catalogues, labs, subjects] = await Promise.all([
    hasOwnPrograms(options) ? [] : Promise.all([OWN_SCENARIOS, ...folders].map(readCatalogue)),
    readLabs(filters.labs, place),
    readSubjects(),
  ]);
  const catalogue = hasOwnPrograms(options) ? await ownCatalogue(options, labs) : catalogues.flat();
  return { catalogue, labs, subjects };
}
