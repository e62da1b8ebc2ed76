/**
 * Scenarios of `--client` and `--server`: the user's programs with each other, with those of the matrix, and with
 * ftp-srv, which comes with Anchorage. The name of a known program alone means that program.
 *
 * @example
 * const { scenarios } = ownPrograms({ clients: ["mine: ./mine {host} {file} {download}"], servers: [], cwd });
 * scenarios[0] // { client: "mine", name: "ftp-srv", scenario, options: "--client 'mine: ./mine …'" }
 */

import { fails, works } from "../../contract/expectation.ts";
import type { NamedScenario, Player } from "../../contract/scenario.ts";
import { FILE } from "../script/dialogue.ts";
import { scenario } from "../script/scenario.ts";
import { FOLDER } from "./account.ts";
import { CLIENTS } from "./clients.ts";
import {
  asTyped,
  CLIENT_WORDS,
  CommandLineError,
  type OwnProgram,
  parseCommandLine,
  quoted,
  SERVER_WORDS,
  wordsIn,
} from "./command-line.ts";
import { FILES, inBothModes } from "./matrix.ts";
import { ownClient, ownServer, STORED } from "./own-player.ts";
import type { ClientProgram } from "./program-client.ts";
import { type ProgramServer, programServer, type ServerProgram } from "./program-server.ts";
import { ftpSrvProgram, SERVERS } from "./servers.ts";

export interface Asked {
  /** As given on the command line; none means those of the matrix. */
  readonly clients: readonly string[];
  readonly servers: readonly string[];
  /** The folder in which command lines run. */
  readonly cwd: string;
}

export interface OwnScenario extends NamedScenario {
  readonly client: string;
  /** Options of the command line that make this scenario. */
  readonly options: string;
}

export interface OwnScenarios {
  readonly scenarios: readonly OwnScenario[];
  readonly programs: readonly OwnProgram[];
}

/** A program for a part: of the matrix, or the user's own. */
type Choice<Known> = { readonly known: Known } | { readonly own: OwnProgram };

const KNOWN_SERVERS = [ftpSrvProgram, ...SERVERS];

/** Throws CommandLineError. */
export function ownPrograms({ clients, servers, cwd }: Asked): OwnScenarios {
  if (`${cwd}/`.startsWith(`${FOLDER}/`)) {
    throw new CommandLineError(
      `anchorage runs in ${cwd}, but hosts of the lab mount their files at ${FOLDER}: start it from another folder`,
    );
  }
  const clientChoices = choices<ClientProgram>("client", clients, CLIENTS);
  const serverChoices = choices<ServerProgram>("server", servers, KNOWN_SERVERS);
  const scenarios = clientChoices.flatMap((client) =>
    serverChoices.flatMap((server) => {
      const player = "own" in server ? ownServer(server.own, cwd, FILES) : programServer(server.known, FILES);
      const made = "own" in client ? [withOwnClient(client.own, player, cwd)] : inBothModes(client.known, player);
      const options = [
        ...(clients.length === 0 ? [] : [`--client ${typed(client)}`]),
        ...(servers.length === 0 ? [] : [`--server ${typed(server)}`]),
      ].join(" ");
      return made.map((one) => ({ ...one, client: nameOf(client), options }));
    }),
  );
  const programs = [...clientChoices, ...serverChoices].flatMap((one) => ("own" in one ? [one.own] : []));
  return { scenarios, programs };
}

/** One session of the user's client, in whichever mode it takes. */
function withOwnClient(client: OwnProgram, server: Player<ProgramServer>, cwd: string): NamedScenario {
  const words = wordsIn(client.command);
  const transfers = words.has("download") || words.has("upload");
  return {
    name: server.name,
    scenario: scenario({
      title: `${client.name} and ${server.name}`,
      quirk: `A client of the user's own, ${client.name}, with ${server.name}, through real kernels' TCP.`,
      sources: ["RFC 959", "RFC 2428", client.name, server.name],
      priority: 1,
      modes: ["active", "passive"],
      client: ownClient(client, cwd),
      server,
      async play({ client: program, server: stored, profile }) {
        // It may not open a data connection at all, so without a proxy either end is right.
        if (profile === "none" && !transfers) return program.runs({ mayFail: true });
        await program.runs();
        if (words.has("upload")) await stored.holdsFile(STORED, FILE);
      },
      expect: { none: transfers ? fails() : works },
    }),
  };
}

function choices<Known extends { readonly name: string }>(
  option: "client" | "server",
  texts: readonly string[],
  known: readonly Known[],
): Choice<Known>[] {
  if (texts.length === 0) return known.map((one) => ({ known: one }));
  const taken = new Set(known.map(({ name }) => name).filter((name) => texts.includes(name)));
  return texts.map((text) => {
    const found = known.find(({ name }) => name === text.trim());
    if (found !== undefined) return { known: found };
    const own = option === "client" ? clientFrom(text) : parseCommandLine("server", text, SERVER_WORDS);
    let name = own.name;
    for (let count = 2; taken.has(name); count++) name = `${own.name}-${count}`;
    taken.add(name);
    return { own: { ...own, name } };
  });
}

function clientFrom(text: string): OwnProgram {
  const own = parseCommandLine("client", text, CLIENT_WORDS);
  const words = wordsIn(own.command);
  if (!words.has("host") && !words.has("url")) {
    const known = CLIENTS.map(({ name }) => name).join(", ");
    throw new CommandLineError(
      `--client: "${own.command}" is not one of ${known}, and as a command it has no server to call: add {host} or {url}`,
    );
  }
  if (words.has("file") && !words.has("download")) {
    throw new CommandLineError(
      "--client: {file} is a name on the server; add {download}, the path for the downloaded file, so that it can be checked",
    );
  }
  if (words.has("stored") && !words.has("upload")) {
    throw new CommandLineError(
      "--client: {stored} is a name on the server; add {upload}, the path of the file to upload",
    );
  }
  return own;
}

const nameOf = <Known extends { readonly name: string }>(choice: Choice<Known>): string =>
  "own" in choice ? choice.own.name : choice.known.name;

const typed = <Known extends { readonly name: string }>(choice: Choice<Known>): string =>
  "own" in choice ? quoted(asTyped(choice.own)) : choice.known.name;
