/**
 * Plays as functions: one cell, or each client with each server through each firewall. Results are the documented model
 * (reports/model.ts), as in results.json.
 *
 * @example
 * const result = await play({ client: "./my-client.mjs", server: "quirk:pasv-227-no-parens" });
 * result.service.verdict; // "fails"
 * for (const cell of await cells({ clients: mine, servers: ["plain", "quirk:pasv-*"] })) await cell.play();
 */

import type { PlayResult, RunResult } from "../../reports/model.ts";
import type { Era, LabKind, LabPlace, Side } from "../contract/lab.ts";
import type { CatalogueEntry, Mode } from "../contract/scenario.ts";
import type { Subject } from "../contract/subject.ts";
import type { Family } from "../pf/packet.ts";
import type { ClientAdapter, ServerAdapter } from "../players/libraries/own-library.ts";
import type { Choice, Filters, PlannedCell } from "../run/selection.ts";

/** A client in the words of `--client`, or an adapter with its `file`. */
export type ClientChoice = string | ClientAdapter;
/** A server in the words of `--server`, or an adapter with its `file`. */
export type ServerChoice = string | ServerAdapter;
export type OneOrMore<T> = T | readonly T[];

/** Where a client and a server meet. */
interface Circumstances {
  /** The rules of the firewall, as text; by default those of its era and side. */
  readonly pfConf?: string;
  /** The same numbers give the same play. Default 1. */
  readonly seed?: number;
  /** Rejects with its reason. */
  readonly signal?: AbortSignal;
  /** The machine of a lab that is a whole system. */
  readonly place?: LabPlace;
}

export interface PlayChoice extends Circumstances {
  /** Default: the plain client. */
  readonly client?: ClientChoice;
  /** Default: the plain server. */
  readonly server?: ServerChoice;
  /** A scenario of the catalogue, in place of client and server: `passive/pasv`. */
  readonly scenario?: string;
  /** Default "core". */
  readonly subject?: string | Subject;
  /** Default "forward": the client is inside. */
  readonly side?: Side;
  /** Default "inet". */
  readonly family?: Family;
  /** Default "divert-to". */
  readonly era?: Era;
  /** Default "sim"; with programs of this machine "netns". */
  readonly lab?: string;
  /** By default the first one that both peers have. */
  readonly mode?: Mode;
}

export interface MatrixChoice extends Circumstances {
  /** Default: the plain client. */
  readonly clients?: OneOrMore<ClientChoice>;
  /** Default: the plain server. */
  readonly servers?: OneOrMore<ServerChoice>;
  /** Scenarios or folders of the catalogue, in place of clients and servers. */
  readonly scenarios?: readonly string[];
  /** More folders with scenarios and quirks. */
  readonly folders?: readonly string[];
  /** Default: "core". */
  readonly subjects?: OneOrMore<string | Subject>;
  /** Default: both. */
  readonly sides?: OneOrMore<Side>;
  /** Default: both. */
  readonly families?: OneOrMore<Family>;
  /** Default "divert-to". */
  readonly eras?: OneOrMore<Era>;
  /** Default "sim"; with programs of this machine "netns". */
  readonly labs?: OneOrMore<string>;
  readonly modes?: OneOrMore<Mode>;
  /** Called after each play, in the order of the cells. */
  readonly onResult?: (result: PlayResult) => void;
}

/** One cell of the matrix, to be played now, later, or again. */
export interface MatrixCell {
  /** `programs/mine/plain@core,sim,divert-to,inet,forward`, as `anchorage repro` takes it. */
  readonly id: string;
  readonly scenario: string;
  readonly client: string;
  readonly server: string;
  readonly subject: string;
  readonly lab: string;
  readonly era: Era;
  readonly family: Family;
  readonly side: Side;
  /** Why it cannot be played, or means nothing; undefined if it can. */
  readonly skipped: string | undefined;
  /** Whether several plays of its lab may run at once in this process. */
  readonly concurrent: boolean;
  /** Never rejects because of a peer or a proxy: their failure is the result. */
  play(options?: { readonly signal?: AbortSignal }): Promise<PlayResult>;
}

const DEFAULT_SEED = 1;
const listOf = <T>(value: OneOrMore<T>): readonly T[] => (Array.isArray(value) ? value : [value as T]);
const nameOf = (subject: string | Subject): string => (typeof subject === "string" ? subject : subject.name);

/** The cells of a choice, not yet played. Rejects with an AnchorageError for what there is not. */
export async function cells(choice: MatrixChoice): Promise<readonly MatrixCell[]> {
  const { select } = await import("../run/selection.ts");
  const { seed = DEFAULT_SEED, signal } = choice;
  signal?.throwIfAborted();
  const chosen = await choiceOf(choice);
  const planned = select(chosen, filtersOf(choice, chosen), seed);
  const missing = new Map<string, string | undefined>();
  for (const lab of new Set(planned.map(({ cell }) => cell.lab))) missing.set(lab.name, await lab.unavailable());
  return Promise.all(planned.map((one) => cellOf(one, choice, missing.get(one.cell.lab.name))));
}

/** Plays them all. */
export async function matrix(choice: MatrixChoice): Promise<RunResult> {
  const { version } = await import("../package.ts");
  const started = Date.now();
  const all = await cells(choice);
  const plays: PlayResult[] = [];
  for (const cell of all) {
    choice.signal?.throwIfAborted();
    const result = await cell.play();
    plays.push(result);
    choice.onResult?.(result);
  }
  await shutDown(all);
  return {
    schema: 2,
    tool: { name: "anchorage", version: version() },
    clock: { startedAt: new Date(started).toISOString(), tookMs: Date.now() - started },
    seed: choice.seed ?? DEFAULT_SEED,
    plays,
  };
}

/** Plays one cell. */
export async function play(choice: PlayChoice = {}): Promise<PlayResult> {
  const { client, server, scenario, subject, side = "forward", family = "inet", era, lab, mode, ...rest } = choice;
  const all = await cells({
    ...rest,
    ...(client && { clients: client }),
    ...(server && { servers: server }),
    ...(scenario && { scenarios: [scenario] }),
    ...(subject && { subjects: subject }),
    ...(era && { eras: era }),
    ...(lab && { labs: lab }),
    ...(mode && { modes: mode }),
    ...{ sides: side, families: family },
  });
  const cell = all.find(({ skipped }) => skipped === undefined) ?? all[0];
  const result = await (cell as MatrixCell).play();
  await shutDown(all);
  return result;
}

/** The labs of cells, for those who are done with them. */
const labsOfCells = new WeakMap<MatrixCell, LabKind>();

/** Removes what the plays of a lab share. */
async function shutDown(all: readonly MatrixCell[]): Promise<void> {
  const labs = new Set(all.map((cell) => labsOfCells.get(cell)));
  for (const lab of labs) await lab?.shutDown?.();
}

async function choiceOf(choice: MatrixChoice): Promise<Choice> {
  const { readCatalogue, readLabs, readSubjects, OWN_SCENARIOS } = await import("../run/catalogue.ts");
  const { ownCatalogue } = await import("../run/own-players.ts");
  const { clients = "plain", servers = "plain", scenarios, folders = [], subjects = [], modes, place = {} } = choice;
  const catalogue =
    scenarios === undefined
      ? await ownCatalogue({
          clients: listOf(clients),
          servers: listOf(servers),
          scenarios: folders,
          ...(modes && { modes: listOf(modes) }),
        })
      : (await Promise.all([OWN_SCENARIOS, ...folders].map(readCatalogue))).flat();
  const own = listOf(subjects).filter((subject) => typeof subject !== "string");
  const labs = await readLabs(await labsOf(choice), place);
  return { catalogue, labs, subjects: [...own, ...(await readSubjects())] };
}

async function labsOf({ clients = "plain", servers = "plain", scenarios, labs }: MatrixChoice): Promise<string[]> {
  const { ownLab } = await import("../run/own-players.ts");
  if (labs !== undefined) return [...listOf(labs)];
  return (scenarios === undefined && ownLab({ clients: listOf(clients), servers: listOf(servers) })) || ["sim"];
}

function filtersOf(choice: MatrixChoice, { labs }: Choice): Filters {
  const { scenarios, subjects = "core", sides, families, eras, modes } = choice;
  return {
    ...(scenarios && { ids: scenarios }),
    ...(sides && { sides: listOf(sides) }),
    ...(families && { families: listOf(families) }),
    ...(eras && { eras: listOf(eras) }),
    ...(modes && { modes: listOf(modes) }),
    subjects: listOf(subjects).map(nameOf),
    labs: labs.map(({ name }) => name),
  };
}

async function cellOf(one: PlannedCell, choice: MatrixChoice, missing: string | undefined): Promise<MatrixCell> {
  const { playedOrFailed, unplayed } = await import("../run/cell-result.ts");
  const { cellId } = await import("../play/cell.ts");
  const { pfConf } = choice;
  const { withOwnRules } = await import("../tools/ftp/own-rules.ts");
  const planned = pfConf === undefined ? one : { ...one, ...withOwnRules(one.cell, pfConf, { file: "pf.conf" }) };
  const { cell } = planned;
  const { entry, subject, lab, era, family, side } = cell;
  const reason = planned.plan === "play" ? missing && `${lab.name} ${missing}` : planned.reason;
  const found: MatrixCell = {
    id: cellId(cell),
    ...peersOf(entry),
    ...{ scenario: entry.id, subject: subject.name, lab: lab.name, era, family, side },
    skipped: reason,
    concurrent: (lab.plays ?? 1) > 1,
    async play(options = {}) {
      if (planned.plan !== "play") return (await unplayed(cell, planned.plan, planned.reason)).result;
      if (reason !== undefined) return (await unplayed(cell, "not-run", reason)).result;
      const signal = options.signal ?? choice.signal;
      signal?.throwIfAborted();
      const { result } = await playedOrFailed(cell, signal === undefined ? {} : { signal });
      signal?.throwIfAborted();
      return result;
    },
  };
  labsOfCells.set(found, lab);
  return found;
}

const peersOf = ({ pair, scenario: { client, server } }: CatalogueEntry) =>
  pair ?? { client: client.name, server: server.name };
