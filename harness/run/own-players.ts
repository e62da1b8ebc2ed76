/**
 * Players of the user's choice as a catalogue: every client with every server.
 *
 * @example
 * await ownCatalogue({ clients: ["./my-client.mjs"], servers: ["plain", "quirk:pasv-*"] })
 */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CatalogueEntry, Mode } from "../contract/scenario.ts";
import type { Sources } from "../players/pairing/candidates.ts";
import { DEFAULT_CLIENTS, DEFAULT_SERVERS, type Named, playsAnywhere } from "../players/pairing/names.ts";
import { CommandLineError, type OwnProgram } from "../players/programs/command-line.ts";
import { OWN_SCENARIOS } from "./catalogue.ts";
import { hasFields, loadDefault } from "./discover.ts";
import { readQuirks } from "./quirks.ts";

/** Each in the words of `--client` and `--server`, or an adapter. Absent: those that usually meet the other peer. */
export interface OwnPlayers {
  readonly clients?: readonly Named[];
  readonly servers?: readonly Named[];
  /** Only these, of those that a client and a server both have. */
  readonly modes?: readonly Mode[];
  /** More folders with quirks. */
  readonly scenarios?: readonly string[];
}

const CATEGORY = "programs";

/** Where these players can play: programs need hosts that run them. Undefined: the default lab, or none was asked for. */
export function ownLab({ clients, servers }: OwnPlayers): string[] | undefined {
  if (clients === undefined && servers === undefined) return undefined;
  const all = [...(clients ?? DEFAULT_CLIENTS), ...(servers ?? DEFAULT_SERVERS)];
  return all.some((one) => !playsAnywhere(one)) ? ["netns"] : undefined;
}

/** Rejects with CommandLineError or NoSuchQuirk for a player that there is not. */
export async function ownCatalogue({ clients, servers, modes, scenarios = [] }: OwnPlayers): Promise<CatalogueEntry[]> {
  const { clientCandidates, serverCandidates } = await import("../players/pairing/candidates.ts");
  const { pairsOf } = await import("../players/pairing/pairs.ts");
  const sources = sourcesIn([OWN_SCENARIOS, ...scenarios]);
  const allowed = (mode: Mode): boolean => modes?.includes(mode) ?? true;
  const clientsFound = (await clientCandidates(clients ?? DEFAULT_CLIENTS, sources)).map((one) => ({
    ...one,
    modes: one.modes.filter(allowed),
  }));
  const serversFound = await serverCandidates(servers ?? DEFAULT_SERVERS, sources);
  for (const { program } of [...clientsFound, ...serversFound]) if (program !== undefined) mustBeThere(program);
  const asked = { clients: clients !== undefined, servers: servers !== undefined };
  return pairsOf(clientsFound, serversFound, asked).map(({ client, server, name, scenario, options }) => ({
    id: `${CATEGORY}/${client}/${name}`,
    category: CATEGORY,
    file: fileURLToPath(import.meta.url),
    scenario,
    options: modes === undefined ? options : `${options} --mode ${modes.join(" ")}`,
    pair: { client, server },
  }));
}

function sourcesIn(folders: readonly string[]): Sources {
  return {
    cwd: process.cwd(),
    quirks: (peer, pattern) => readQuirks(peer, [pattern], folders),
    adapter: (file, what, field) =>
      loadDefault(file, `${what} (an object with name and ${field})`, (value) => hasFields(value, ["name", field])),
  } as Sources;
}

/** Throws CommandLineError when this machine does not have it. */
export function mustBeThere({ name, program }: OwnProgram): void {
  if (program === undefined || isThere(program)) return;
  const where = program.includes("/") ? `in ${process.cwd()}` : "in PATH";
  throw new CommandLineError(`${name}: there is no program "${program}" ${where}`);
}

/** As sh(1) would find it, its builtins included. */
const isThere = (program: string): boolean =>
  spawnSync("sh", ["-c", 'command -v "$1"', "sh", program], { stdio: "ignore" }).status === 0;
