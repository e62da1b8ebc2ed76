/** `--client` and `--server`: the user's own programs as a catalogue. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { LabKind } from "../contract/lab.ts";
import type { CatalogueEntry } from "../contract/scenario.ts";
import type { OwnProgram } from "../players/programs/command-line.ts";
import type { Asked, OwnScenarios } from "../players/programs/own-programs.ts";
import { UsageError } from "./exit-status.ts";

export interface OwnProgramOptions {
  readonly client?: readonly string[];
  readonly server?: readonly string[];
}

const CATEGORY = "programs";

export const hasOwnPrograms = ({ client, server }: OwnProgramOptions): boolean =>
  client !== undefined || server !== undefined;

export const gather = (text: string, before: readonly string[] | undefined): string[] => [...(before ?? []), text];

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

/** Rejects with UsageError for a command line that cannot be played, in these labs or at all. */
export async function ownCatalogue(
  { client = [], server = [] }: OwnProgramOptions,
  labs: readonly LabKind[],
): Promise<CatalogueEntry[]> {
  const reasons = labs.map((lab) => lab.lacks("processes"));
  if (reasons.every((reason) => reason !== undefined)) {
    const why = labs.map(({ name }, at) => `${name}: ${reasons[at]}`).join("; ");
    throw new UsageError(`--client and --server play only in the lab netns (${why})`);
  }
  const cwd = process.cwd();
  const { scenarios, programs } = await made({ clients: client, servers: server, cwd });
  programs.forEach(mustBeThere);
  return scenarios.map(({ client: clientName, name, scenario, options }) => ({
    id: `${CATEGORY}/${clientName}/${name}`,
    category: CATEGORY,
    file: fileURLToPath(import.meta.url),
    scenario,
    options,
  }));
}

async function made(asked: Asked): Promise<OwnScenarios> {
  const { ownPrograms } = await import("../players/programs/own-programs.ts");
  try {
    return ownPrograms(asked);
  } catch (error) {
    if (error instanceof Error && error.name === "CommandLineError") throw new UsageError(error.message);
    throw error;
  }
}

/** Throws UsageError when this machine does not have it. */
export function mustBeThere({ name, program }: OwnProgram): void {
  if (program === undefined || isThere(program)) return;
  const where = program.includes("/") ? `in ${process.cwd()}` : "in PATH";
  throw new UsageError(`${name}: there is no program "${program}" ${where}`);
}

/** As sh(1) would find it, its builtins included. */
const isThere = (program: string): boolean =>
  spawnSync("sh", ["-c", 'command -v "$1"', "sh", program], { stdio: "ignore" }).status === 0;
