/**
 * The options of `run`, `list` and `repro` that choose plays, and the selection that they ask for.
 */

import { type Command, Option } from "commander";
import type { Era, LabPlace, Side } from "../contract/lab.ts";
import type { Mode } from "../contract/scenario.ts";
import type { Family } from "../pf/packet.ts";
import { OWN_SCENARIOS, readCatalogue, readLabs, readSubjects } from "../run/catalogue.ts";
import { ownCatalogue, ownLab } from "../run/own-players.ts";
import type { Choice, Filters } from "../run/selection.ts";
import { UsageError } from "./exit-status.ts";
import { ERAS, sideOption } from "./options.ts";
import { addOwnPlayers, hasOwnPlayers, type OwnPlayerOptions, ownPlayers } from "./own-players.ts";
import { addOwnProxies, type OwnProxyOptions, ownProxies, proxySubjects } from "./own-proxies.ts";

export interface FilterOptions extends OwnPlayerOptions, OwnProxyOptions {
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
  return addOwnProxies(addOwnPlayers(command))
    .option("--category <name...>", "only these categories (folders of the catalogue)")
    .addOption(new Option("--priority <n...>", "only these priorities").choices(["1", "2", "3"]))
    .addOption(
      new Option("--mode <mode...>", "only scenarios with active or passive data connections, or with none").choices([
        "active",
        "passive",
        "control",
      ]),
    )
    .addOption(new Option("--family <family...>", "only these address families").choices(["inet", "inet6"]))
    .addOption(sideOption("--side <side...>"))
    .option("--subject <name...>", "proxies under test (default: core none; with --proxy: yours alone)")
    .option("--lab <name...>", "where to play (default: sim; with programs as --client, --server or --proxy: netns)")
    .addOption(new Option("--era <era...>", "PF language of the firewall").choices(ERAS))
    .option("--scenarios <folder...>", "more scenarios, from your own folders")
    .option("--long-waits", "in labs with real time, also scenarios that wait for half a minute or longer")
    .option("--ssh-config <file>", "labs openbsd and freebsd: the machine's address, as `vagrant ssh-config` prints it")
    .option(
      "--agent-command <command>",
      "labs openbsd and freebsd: the command that starts an agent on {host}, instead of ssh",
    );
}

/** An id may be a whole cell (`passive/pasv@core,sim,divert-to,inet,forward`), which also names subject, lab and era. */
export function filtersFrom(ids: readonly string[], options: FilterOptions): Filters {
  const cells = ids.filter((id) => id.includes("@")).map(parseCellId);
  const named = (given: readonly string[] | undefined, part: "subject" | "lab" | "era"): string[] | undefined => {
    if (given !== undefined) return [...given];
    return cells.length === 0 ? undefined : [...new Set(cells.map((cell) => cell[part]))];
  };
  const proxies = ownProxies(options).map(({ name }) => name);
  const chosen = options.subject === undefined ? named(undefined, "subject") : [...options.subject, ...proxies];
  const subjects = chosen ?? (proxies.length === 0 ? undefined : proxies);
  // The user's own programs play only there, unless their proxy is on a guest.
  const labs = named(options.lab, "lab") ?? (proxies.length > 0 ? ["netns"] : ownLab(ownPlayers(options)));
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
  // The lab's name may contain another @: openbsd@7.8.
  const [subject, lab, era, family, side] = id.slice(id.indexOf("@") + 1).split(",");
  if (subject === undefined || lab === undefined || era === undefined || family === undefined || side === undefined) {
    throw new UsageError(
      `"${id}" is not a cell: write SCENARIO@SUBJECT,LAB,ERA,FAMILY,SIDE, as \`anchorage run\` prints it`,
    );
  }
  return { subject, lab, era };
}

/**
 * The catalogue with the user's own scenarios, the subjects, and the labs that the filters name. With --client or
 * --server the catalogue is their pairs and nothing else.
 */
export async function readChoice(filters: Filters, options: FilterOptions = {}): Promise<Choice> {
  const { scenarios: folders = [], sshConfig, agentCommand } = options;
  const place: LabPlace = { ...(sshConfig && { sshConfig }), ...(agentCommand && { agentCommand }) };
  const [catalogues, labs, subjects] = await Promise.all([
    hasOwnPlayers(options) ? [] : Promise.all([OWN_SCENARIOS, ...folders].map(readCatalogue)),
    readLabs(filters.labs, place),
    readSubjects(),
  ]);
  const catalogue = hasOwnPlayers(options) ? await ownCatalogue(ownPlayers(options)) : catalogues.flat();
  return { catalogue, labs, subjects: [...subjects, ...(await proxySubjects(options, labs, subjects))] };
}
