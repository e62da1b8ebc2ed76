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
import type { ErrandsPart } from "../contract/errands.ts";
import type { Era, LabPlace, Side } from "../contract/lab.ts";
import type { CatalogueEntry, Mode } from "../contract/scenario.ts";
import type { Subject } from "../contract/subject.ts";
import type { Family } from "../pf/packet.ts";
import type { ClientAdapter, ServerAdapter } from "../players/libraries/own-library.ts";
import type { GivenPlayer } from "../players/pairing/names.ts";
import type { Choice, Filters, PlannedCell } from "../run/selection.ts";

/** A client in the words of `--client`, an adapter with its `file`, or a container of `anchorage/testcontainers`. */
export type ClientChoice = string | ClientAdapter | GivenPlayer<ErrandsPart>;
/** A server in the words of `--server`, an adapter with its `file`, or a container of `anchorage/testcontainers`. */
export type ServerChoice = string | ServerAdapter | GivenPlayer;
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
  /** Default: each that both peers have. */
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
  const planned = await planOf(choice);
  const missing = new Map<string, string | undefined>();
  for (const lab of new Set(planned.map(({ cell }) => cell.lab))) missing.set(lab.name, await lab.unavailable());
  return Promise.all(planned.map((one) => cellOf(one, choice.signal, missing.get(one.cell.lab.name))));
}

/** Plays them all. */
export const matrix = async (choice: MatrixChoice): Promise<RunResult> => runOf(await planOf(choice), choice);

/** Plays one cell. */
export async function play(choice: PlayChoice = {}): Promise<PlayResult> {
  const { client, server, scenario, subject, side = "forward", family = "inet", era, lab, mode, ...rest } = choice;
  const planned = await planOf({
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
  const one = planned.find(({ plan }) => plan === "play") ?? planned[0];
  const { plays } = await runOf([one as PlannedCell], rest);
  return plays[0] as PlayResult;
}

/** The cells, with the rules of the choice. A choice that matches nothing is an error, so there is at least one. */
async function planOf(choice: MatrixChoice): Promise<readonly PlannedCell[]> {
  const { select } = await import("../run/selection.ts");
  const { pfConf, seed = DEFAULT_SEED, signal } = choice;
  signal?.throwIfAborted();
  const chosen = await choiceOf(choice);
  const planned = select(chosen, filtersOf(choice, chosen), seed);
  if (pfConf === undefined) return planned;
  const { withOwnRules } = await import("../tools/ftp/own-rules.ts");
  return planned.map((one) => ({ ...one, ...withOwnRules(one.cell, pfConf, { file: "pf.conf" }) }));
}

/** One play after the other: adapters share this thread. */
async function runOf(
  planned: readonly PlannedCell[],
  { seed = DEFAULT_SEED, signal, onResult }: Pick<MatrixChoice, "seed" | "signal" | "onResult">,
): Promise<RunResult> {
  const { version } = await import("../package.ts");
  const { runPlays } = await import("../run/runner.ts");
  return runPlays({
    ...{ seed, planned, version: version(), now: Date.now, jobs: 1 },
    ...(signal && { signal }),
    async onResult(result) {
      signal?.throwIfAborted();
      onResult?.(result);
      return undefined;
    },
  });
}

async function choiceOf(choice: MatrixChoice): Promise<Choice> {
  const { readCatalogue, readLabs, readSubjects, OWN_SCENARIOS } = await import("../run/catalogue.ts");
  const { ownCatalogue, ownLab } = await import("../run/own-players.ts");
  const { clients = "plain", servers = "plain", scenarios, folders = [], subjects = [], modes, place = {} } = choice;
  const players = scenarios === undefined ? { clients: listOf(clients), servers: listOf(servers) } : undefined;
  const catalogue = players
    ? await ownCatalogue({ ...players, scenarios: folders, ...(modes && { modes: listOf(modes) }) })
    : (await Promise.all([OWN_SCENARIOS, ...folders].map(readCatalogue))).flat();
  const labs = choice.labs === undefined ? ownLab(players ?? {}) : listOf(choice.labs);
  const own = listOf(subjects).filter((subject) => typeof subject !== "string");
  return { catalogue, labs: await readLabs(labs, place), subjects: [...own, ...(await readSubjects())] };
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

async function cellOf(
  planned: PlannedCell,
  always: AbortSignal | undefined,
  missing: string | undefined,
): Promise<MatrixCell> {
  const { playedOrFailed, unplayed } = await import("../run/cell-result.ts");
  const { cellId } = await import("../play/cell.ts");
  const { cell } = planned;
  const { entry, subject, lab, era, family, side } = cell;
  const reason = planned.plan === "play" ? missing && `${lab.name} ${missing}` : planned.reason;
  return {
    id: cellId(cell),
    ...peersOf(entry),
    ...{ scenario: entry.id, subject: subject.name, lab: lab.name, era, family, side },
    skipped: reason,
    concurrent: (lab.plays ?? 1) > 1,
    async play({ signal = always } = {}) {
      if (planned.plan !== "play") return (await unplayed(cell, planned.plan, planned.reason)).result;
      if (reason !== undefined) return (await unplayed(cell, "not-run", reason)).result;
      signal?.throwIfAborted();
      const { result } = await playedOrFailed(cell, { ...(signal && { signal }) });
      signal?.throwIfAborted();
      return result;
    },
  };
}

const peersOf = ({ pair, scenario: { client, server } }: CatalogueEntry) =>
  pair ?? { client: client.name, server: server.name };
