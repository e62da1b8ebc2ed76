/** `--client` and `--server`: players of the user's choice as a catalogue. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { CatalogueEntry } from "../contract/scenario.ts";
import type { Sources } from "../players/pairing/candidates.ts";
import { DEFAULT_CLIENTS, DEFAULT_SERVERS, playsAnywhere } from "../players/pairing/names.ts";
import type { Pair } from "../players/pairing/pairs.ts";
import type { OwnProgram } from "../players/programs/command-line.ts";
import { OWN_SCENARIOS } from "../run/catalogue.ts";
import { hasFields, loadDefault } from "../run/discover.ts";
import { readQuirks } from "../run/quirks.ts";
import { UsageError } from "./exit-status.ts";

export interface OwnPlayerOptions {
  readonly client?: readonly string[];
  readonly server?: readonly string[];
  readonly scenarios?: readonly string[];
}

const CATEGORY = "programs";

export const hasOwnPlayers = ({ client, server }: OwnPlayerOptions): boolean =>
  client !== undefined || server !== undefined;

export const addOwnPlayers = (command: Command): Command =>
  command
    .option(
      "--client <player...>",
      "clients: quirk:NAME (* matches any), plain, basic-ftp, curl and other known programs, ./module.mjs, or a command such as 'mine: ./mine {host} {file} {download}'",
    )
    .option(
      "--server <player...>",
      "servers: quirk:NAME, plain, ftp-srv, vsftpd and other known programs, ./module.mjs, or a command such as 'mine: ./mine -p {port} -r {dir}'",
    );

/** Where these players can play: programs need hosts that run them. Undefined: the default lab, or none was asked for. */
export function ownLab({ client, server }: OwnPlayerOptions): string[] | undefined {
  if (client === undefined && server === undefined) return undefined;
  const texts = [...(client ?? DEFAULT_CLIENTS), ...(server ?? DEFAULT_SERVERS)];
  return texts.some((text) => !playsAnywhere(text.trim())) ? ["netns"] : undefined;
}

/** Every client with every server. Rejects with UsageError for a player that there is not. */
export async function ownCatalogue(options: OwnPlayerOptions): Promise<CatalogueEntry[]> {
  const { pairs, programs } = await pairsFor(options);
  programs.forEach(mustBeThere);
  return pairs.map(({ client, name, scenario, options: typed }) => ({
    id: `${CATEGORY}/${client}/${name}`,
    category: CATEGORY,
    file: fileURLToPath(import.meta.url),
    scenario,
    options: typed,
  }));
}

async function pairsFor({ client, server, scenarios = [] }: OwnPlayerOptions): Promise<{
  readonly pairs: readonly Pair[];
  readonly programs: readonly OwnProgram[];
}> {
  const { clientCandidates, serverCandidates } = await import("../players/pairing/candidates.ts");
  const { pairsOf } = await import("../players/pairing/pairs.ts");
  const sources = sourcesIn([OWN_SCENARIOS, ...scenarios]);
  try {
    const clients = await clientCandidates(client ?? DEFAULT_CLIENTS, sources);
    const servers = await serverCandidates(server ?? DEFAULT_SERVERS, sources);
    const pairs = pairsOf(clients, servers, { clients: client !== undefined, servers: server !== undefined });
    return { pairs, programs: [...clients, ...servers].flatMap(({ program }) => program ?? []) };
  } catch (error) {
    if (error instanceof Error && error.name === "CommandLineError") throw new UsageError(error.message);
    throw error;
  }
}

function sourcesIn(folders: readonly string[]): Sources {
  return {
    cwd: process.cwd(),
    quirks: (peer, pattern) => readQuirks(peer, [pattern], folders),
    adapter: (file, what, field) =>
      loadDefault(file, `${what} (an object with name and ${field})`, (value) => hasFields(value, ["name", field])),
  } as Sources;
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
