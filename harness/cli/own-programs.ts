/**
 * `--client` and `--server`: programs of the user's own as a catalogue. What they play lies with the players and is
 * loaded at run time, as every scenario is.
 */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { LabKind } from "../contract/lab.ts";
import type { CatalogueEntry, NamedScenario } from "../contract/scenario.ts";
import { UsageError } from "./exit-status.ts";

export interface OwnProgramOptions {
  readonly client?: readonly string[];
  readonly server?: readonly string[];
}

/** As much as is needed here of harness/players/programs/own-programs.ts. */
interface OwnScenarios {
  readonly scenarios: readonly (NamedScenario & { readonly client: string; readonly options: string })[];
  readonly programs: readonly { readonly name: string; readonly program?: string }[];
}

const CATEGORY = "programs";
const MODULE = new URL("../players/programs/own-programs.ts", import.meta.url);

export const hasOwnPrograms = ({ client, server }: OwnProgramOptions): boolean =>
  client !== undefined || server !== undefined;

const gather = (text: string, before: readonly string[] | undefined): string[] => [...(before ?? []), text];

export const addOwnPrograms = (command: Command): Command =>
  command
    .option(
      "--client <command>",
      "your own FTP client against real servers, such as 'mine: ./mine {host} {file} {download}'; may be repeated",
      gather,
    )
    .option(
      "--server <command>",
      "your own FTP server against real clients, such as 'mine: ./mine -p {port} -r {dir}'; may be repeated",
      gather,
    );

/** Rejects with UsageError for a command line that cannot be played, here or at all. */
export async function ownCatalogue(
  { client = [], server = [] }: OwnProgramOptions,
  labs: readonly LabKind[],
): Promise<CatalogueEntry[]> {
  const reasons = labs.map((lab) => lab.lacks("processes"));
  if (reasons.every((reason) => reason !== undefined)) {
    const why = labs.map(({ name }, at) => `${name}: ${reasons[at]}`).join("; ");
    throw new UsageError(`--client and --server play in the lab netns, and nowhere else (${why})`);
  }
  const cwd = process.cwd();
  const { scenarios, programs } = await made({ clients: client, servers: server, cwd });
  for (const { name, program } of programs) {
    if (program === undefined || isThere(program)) continue;
    const where = program.includes("/") ? `in ${cwd}` : "in PATH";
    throw new UsageError(`${name}: there is no program "${program}" ${where}`);
  }
  return scenarios.map(({ client: clientName, name, scenario, options }) => ({
    id: `${CATEGORY}/${clientName}/${name}`,
    category: CATEGORY,
    file: fileURLToPath(MODULE),
    scenario,
    options,
  }));
}

async function made(asked: {
  clients: readonly string[];
  servers: readonly string[];
  cwd: string;
}): Promise<OwnScenarios> {
  const { ownPrograms } = (await import(MODULE.href)) as { ownPrograms: (given: typeof asked) => OwnScenarios };
  try {
    return ownPrograms(asked);
  } catch (error) {
    if (error instanceof Error && error.name === "CommandLineError") throw new UsageError(error.message);
    throw error;
  }
}

/** As sh(1) would find it, its own words included. */
const isThere = (program: string): boolean =>
  spawnSync("sh", ["-c", 'command -v "$1"', "sh", program], { stdio: "ignore" }).status === 0;
