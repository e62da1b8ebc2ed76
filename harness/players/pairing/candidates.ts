/**
 * Who may take a part, by a word of `--client` or `--server`: a quirk, the plain player, a library that comes with
 * Anchorage, a known program of the machine, a module of the user's, an image, or a command line.
 *
 * @example
 * await clientCandidates(["quirk:port-*", "curl", "./my-client.mjs", "mine: ./mine {host}"], { cwd, folders })
 */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundled } from "../../bottle/bundle.ts";
import type { ErrandsPart, Wish } from "../../contract/errands.ts";
import type { Mode, Player } from "../../contract/scenario.ts";
import type { Family } from "../../pf/packet.ts";
import { imageClient } from "../containers/container-client.ts";
import { imageServer } from "../containers/container-server.ts";
import { imageName, parseImage } from "../containers/image-text.ts";
import { knownImage } from "../containers/known-images.ts";
import { CONTENTS, FETCHED } from "../files.ts";
import { ftpClient, ftpServer } from "../ftp/players.ts";
import type { ClientQuirk, ServerQuirk } from "../ftp/quirk.ts";
import { basicFtpClient } from "../libraries/basic-ftp.ts";
import { ftpSrvServer } from "../libraries/ftp-srv.ts";
import { type ClientAdapter, libraryClient, libraryServer, type ServerAdapter } from "../libraries/own-library.ts";
import { FOLDER, PASSWORD, USER } from "../programs/account.ts";
import { CLIENTS } from "../programs/clients.ts";
import {
  asTyped,
  CLIENT_WORDS,
  CommandLineError,
  type OwnProgram,
  parseCommandLine,
  quoted,
  SERVER_WORDS,
  wordsIn,
} from "../programs/command-line.ts";
import { ownClient, ownServer } from "../programs/own-player.ts";
import { type ClientProgram, programClient } from "../programs/program-client.ts";
import { programServer, type ServerProgram } from "../programs/program-server.ts";
import { SERVERS } from "../programs/servers.ts";

import { type Adapter, IMAGE, isModule, type Named, QUIRK } from "./names.ts";

/** The part of a server: a program's can look at the file that was stored. */
export interface ServerPart {
  holdsStored?(): Promise<void>;
}

interface Candidate {
  readonly name: string;
  /** As the option accepts it, quoted for sh(1). */
  readonly typed: string;
  readonly modes: readonly Mode[];
  readonly families: readonly Family[];
  /** A program of the user's, which may be missing. */
  readonly program?: OwnProgram;
}

export interface ClientCandidate extends Candidate {
  readonly quirk?: ClientQuirk;
  /** Absent: it plays all of its modes in one session. Present: one mode a session, by this player. */
  readonly inMode?: (mode: Mode) => Player<ErrandsPart>;
  readonly player: Player<ErrandsPart>;
  /** The errands that it can do. */
  readonly errands: readonly Wish["what"][];
}

export interface ServerCandidate extends Candidate {
  readonly quirk?: ServerQuirk;
  readonly player: Player<unknown>;
}

/** How candidates are found that are files: quirks by pattern, modules by path. */
export interface Sources {
  /** The folder in which command lines run. */
  readonly cwd: string;
  quirks(peer: "client", pattern: string): Promise<readonly { readonly name: string; readonly quirk: ClientQuirk }[]>;
  quirks(peer: "server", pattern: string): Promise<readonly { readonly name: string; readonly quirk: ServerQuirk }[]>;
  /** The default export of a user's module. */
  adapter<T>(file: string, what: string, field: keyof T & string): Promise<T>;
}

/** Programs have one account. */
const ACCOUNT = { user: USER, password: PASSWORD };
const BOTH_MODES: readonly Mode[] = ["passive", "active"];
const BOTH_FAMILIES: readonly Family[] = ["inet", "inet6"];
const TRANSFERS: readonly Wish["what"][] = ["fetch", "store"];
const anywhere = { modes: BOTH_MODES, families: BOTH_FAMILIES, errands: TRANSFERS };

/** Throws CommandLineError for a text that means no player. */
export async function clientCandidates(all: readonly Named[], sources: Sources): Promise<ClientCandidate[]> {
  const found = await Promise.all(
    all.map(async (one): Promise<ClientCandidate[]> => {
      if (typeof one === "string") return clientsNamed(one.trim(), sources);
      if (!("player" in one)) return [await clientOf(one as ClientAdapter & Adapter)];
      return [{ ...anywhere, ...one, player: one.player as Player<ErrandsPart> }];
    }),
  );
  return withDistinctNames(found.flat());
}

export async function serverCandidates(all: readonly Named[], sources: Sources): Promise<ServerCandidate[]> {
  const found = await Promise.all(
    all.map(async (one): Promise<ServerCandidate[]> => {
      if (typeof one === "string") return serversNamed(one.trim(), sources);
      return "player" in one ? [{ ...anywhere, ...one }] : [await serverOf(one as ServerAdapter & Adapter)];
    }),
  );
  return withDistinctNames(found.flat());
}

async function clientsNamed(text: string, sources: Sources): Promise<ClientCandidate[]> {
  if (text.startsWith(QUIRK)) {
    const quirks = await sources.quirks("client", text.slice(QUIRK.length));
    return quirks.map(({ name, quirk }) => ({
      ...{ name, typed: `${QUIRK}${name}`, quirk, modes: quirk.modes, families: quirk.families, errands: TRANSFERS },
      player: ftpClient(name, quirk.behaviour, ACCOUNT),
    }));
  }
  if (text === "plain") return [{ ...anywhere, name: text, typed: text, player: ftpClient(text, {}, ACCOUNT) }];
  if (text === "basic-ftp") {
    return [{ ...anywhere, modes: ["passive"], name: text, typed: text, player: basicFtpClient(ACCOUNT) }];
  }
  const known = CLIENTS.find(({ name }) => name === text);
  if (known !== undefined) return [knownClient(known)];
  const file = moduleFile(text, sources.cwd);
  return [file === undefined ? programNamed(text, sources.cwd) : await clientModule(text, file, sources)];
}

/** A known program, which is started for each transfer. */
export function knownClient(program: ClientProgram): ClientCandidate {
  const { name, families } = program;
  const inMode = (mode: Mode) => programClient(program, mode);
  const errands = program.upload === undefined ? (["fetch"] as const) : TRANSFERS;
  return { ...anywhere, families, errands, name, typed: name, player: inMode("passive"), inMode };
}

export const knownServer = (program: ServerProgram): ServerCandidate => ({
  ...anywhere,
  ...{ name: program.name, typed: program.name, player: programServer(program) },
});

const clientModule = async (text: string, file: string, sources: Sources): Promise<ClientCandidate> =>
  adaptedClient(text, file, await sources.adapter<ClientAdapter>(file, "client", "fetch"));

async function clientOf(adapter: ClientAdapter & Adapter): Promise<ClientCandidate> {
  const file = fileOf(adapter);
  return adaptedClient(file, file, adapter);
}

async function serverOf(adapter: ServerAdapter & Adapter): Promise<ServerCandidate> {
  const file = fileOf(adapter);
  return adaptedServer(file, file, adapter);
}

function fileOf({ name, file }: Adapter): string {
  if (file !== undefined) return file.startsWith("file:") ? fileURLToPath(file) : file;
  throw new CommandLineError(
    `the adapter "${name}" does not say where its module is: add \`file: import.meta.url\` to it (CommonJS: __filename), or give the module's path`,
  );
}

async function adaptedServer(text: string, file: string, adapter: ServerAdapter): Promise<ServerCandidate> {
  const code = await bundled(file);
  const { name, families = BOTH_FAMILIES } = adapter;
  return { name, typed: quoted(text), modes: BOTH_MODES, families, player: libraryServer({ file, code, adapter }) };
}

async function adaptedClient(text: string, file: string, adapter: ClientAdapter): Promise<ClientCandidate> {
  const code = await bundled(file);
  const errands = (["fetch", "store", "list"] as const).filter((what) => adapter[what] !== undefined);
  const { name, modes = ["passive"], families = BOTH_FAMILIES } = adapter;
  return { name, typed: quoted(text), modes, families, errands, player: libraryClient({ file, code, adapter }) };
}

function programNamed(text: string, cwd: string): ClientCandidate {
  const program = named(clientProgram(text), text);
  const ofImage = isImage(program);
  if (!ofImage) refuseMountedFolder(cwd);
  const words = wordsIn(program.command);
  const errands = [
    ...(words.has("download") ? (["fetch"] as const) : []),
    ...(words.has("upload") ? (["store"] as const) : []),
  ];
  const typed = quoted(asTyped(program));
  return {
    ...anywhere,
    errands,
    name: program.name,
    typed,
    program,
    player: ofImage ? imageClient(program) : ownClient(program, cwd),
  };
}

const isImage = ({ command }: OwnProgram): boolean => command.startsWith(IMAGE);

/** An image without a name in front has its reference's. */
const named = (program: OwnProgram, text: string): OwnProgram =>
  text.startsWith(IMAGE) ? { ...program, name: imageName(parseImage(text).reference) } : program;

async function serversNamed(text: string, sources: Sources): Promise<ServerCandidate[]> {
  if (text.startsWith(QUIRK)) {
    const quirks = await sources.quirks("server", text.slice(QUIRK.length));
    return quirks.map(({ name, quirk }) => ({
      ...{ name, typed: `${QUIRK}${name}`, quirk, modes: quirk.modes, families: quirk.families },
      player: ftpServer(name, quirk.behaviour),
    }));
  }
  const same = { ...anywhere, name: text, typed: text };
  if (text === "plain") return [{ ...same, player: ftpServer(text, {}) }];
  if (text === "ftp-srv")
    return [
      {
        ...same,
        player: ftpSrvServer({ files: { [`/${FETCHED}`]: CONTENTS }, user: { name: USER, password: PASSWORD } }),
      },
    ];
  const known = SERVERS.find(({ name }) => name === text);
  if (known !== undefined) return [knownServer(known)];
  const file = moduleFile(text, sources.cwd);
  if (file !== undefined) {
    return [await adaptedServer(text, file, await sources.adapter<ServerAdapter>(file, "server", "start"))];
  }
  const program = named(parseCommandLine("server", text, SERVER_WORDS), text);
  const own = { ...anywhere, name: program.name, typed: quoted(asTyped(program)), program };
  if (isImage(program)) {
    const { families = BOTH_FAMILIES } = knownImage(parseImage(program.command).reference) ?? {};
    return [{ ...own, families, player: imageServer(program) }];
  }
  refuseMountedFolder(sources.cwd);
  return [{ ...own, player: ownServer(program, sources.cwd) }];
}

function refuseMountedFolder(cwd: string): void {
  if (!`${cwd}/`.startsWith(`${FOLDER}/`)) return;
  throw new CommandLineError(
    `anchorage runs in ${cwd}, but hosts of the lab mount their files at ${FOLDER}: start it from another folder`,
  );
}

/** Absent: the text is no path of a module. */
function moduleFile(text: string, cwd: string): string | undefined {
  if (!isModule(text)) return undefined;
  const file = resolve(cwd, text);
  if (existsSync(file)) return file;
  throw new CommandLineError(`there is no module ${file}`);
}

function clientProgram(text: string): OwnProgram {
  const own = parseCommandLine("client", text, CLIENT_WORDS);
  const words = wordsIn(own.command);
  if (!words.has("host") && !words.has("url")) {
    const known = ["quirk:NAME", "plain", "basic-ftp", ...CLIENTS.map(({ name }) => name)].join(", ");
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

/**
 * The second `mine` is called `mine-2`: in results, and when it is repeated alone. A player that two patterns match
 * plays once.
 */
function withDistinctNames<One extends Candidate>(candidates: readonly One[]): One[] {
  const taken = new Set<string>();
  const different = [...new Map(candidates.map((one) => [one.typed, one])).values()];
  return different.map((one) => {
    let { name } = one;
    for (let count = 2; taken.has(name); count++) name = `${one.name}-${count}`;
    taken.add(name);
    if (name === one.name || one.program === undefined) return { ...one, name };
    return { ...one, name, typed: quoted(asTyped({ ...one.program, name })) };
  });
}
