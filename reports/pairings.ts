/**
 * Real players with each other: clients × servers, each with its version, by service for each subject. A cell has every
 * mode, family and side in which the two met. It summarizes the rows of the category `programs`. Pure.
 *
 *     const { columns, rows } = pairingsOf(run.plays);
 *     pairingText(rows[0].cells[0]) // "● core  ✕ 8/16 none"
 */

import { compareWords } from "./matrix.ts";
import type { PlayerInfo, PlayResult } from "./model.ts";
import { type Answer, type Answered, answerOf, answerText, serviceInWords, worstOf } from "./service.ts";

export type Program = Pick<PlayerInfo, "name" | "version">;
type Play = Answered & Pick<PlayResult, "scenario" | "players" | "subject" | "reason">;

/** What came of a pair with one subject. */
export interface Pairing {
  /** Absent in a run with one subject. */
  readonly subject?: string;
  /** The worst answer. */
  readonly answer: Answer;
  /** The plays with that answer, of all that were played. */
  readonly plays: number;
  readonly of: number;
  /** `lftp and vsftpd with none: fails at data connection: …, in 8 of 16 plays`. */
  readonly words: string;
}

export interface Pairings {
  /** The longer list makes the rows. */
  readonly rowsAre: PlayerInfo["part"];
  readonly columns: readonly Program[];
  /** A cell for each column, with a pairing for each subject; empty where the two never met. No rows: no programs played. */
  readonly rows: readonly { readonly program: Program; readonly cells: readonly (readonly Pairing[])[] }[];
}

/** The category of their scenarios. */
const CATEGORY = "programs";

export const isPairing = ({ scenario }: Pick<PlayResult, "scenario">): boolean => scenario.category === CATEGORY;

export function pairingsOf(plays: readonly Play[]): Pairings {
  const met = plays.filter(isPairing);
  const clients = programs(met, "client");
  const servers = programs(met, "server");
  const subjects = [...new Set(met.map(({ subject }) => subject))].sort(compareWords);
  const cellOf = (client: Program, server: Program): Pairing[] => {
    const pair = met.filter(
      ({ players }) => nameOf(players, "client") === client.name && nameOf(players, "server") === server.name,
    );
    return subjects.flatMap((subject) => {
      const found = pairingOf(pair.filter((play) => play.subject === subject));
      if (found === undefined) return [];
      const words = `${client.name} and ${server.name} with ${subject}: ${found.words}`;
      return [{ ...found, words, ...(subjects.length > 1 && { subject }) }];
    });
  };
  return servers.length > clients.length
    ? {
        rowsAre: "server",
        columns: clients,
        rows: servers.map((program) => ({ program, cells: clients.map((client) => cellOf(client, program)) })),
      }
    : {
        rowsAre: "client",
        columns: servers,
        rows: clients.map((program) => ({ program, cells: servers.map((server) => cellOf(program, server)) })),
      };
}

/** In the order in which they were played; a version is known as soon as one play knows it. */
function programs(plays: readonly Play[], part: PlayerInfo["part"]): Program[] {
  const found = new Map<string, Program>();
  for (const { name, version } of plays.flatMap(({ players }) => players.filter((one) => one.part === part))) {
    const known = found.get(name)?.version ?? version;
    found.set(name, { name, ...(known !== undefined && { version: known }) });
  }
  return [...found.values()];
}

/** Undefined when the pair never met with that subject. */
function pairingOf(plays: readonly Play[]): Omit<Pairing, "subject"> | undefined {
  const worst = worstOf(plays) ?? plays.find(({ grade }) => grade !== "does-not-apply") ?? plays[0];
  if (worst === undefined) return undefined;
  const answer = answerOf(worst);
  const applying = plays.filter(({ grade }) => grade !== "does-not-apply");
  const same = applying.filter((play) => answerText(answerOf(play)) === answerText(answer));
  const share = same.length === applying.length ? "" : `, in ${same.length} of ${applying.length} plays`;
  return { answer, plays: same.length, of: applying.length, words: `${serviceInWords(worst)}${share}` };
}

/** `curl 7.88.1`. */
export const programName = ({ name, version }: Program): string =>
  version === undefined ? name : `${name} ${version}`;

/** `● core  ✕ 8/16 none`; a number only where not every play has that answer. */
export const pairingText = (cell: readonly Pairing[]): string =>
  cell
    .map(({ answer, plays, of, subject = "" }) => `${answerText(answer)} ${shareText({ plays, of })}${subject}`.trim())
    .join("  ");

export const shareText = ({ plays, of }: Pick<Pairing, "plays" | "of">): string =>
  plays === of ? "" : `${plays}/${of} `;

const nameOf = (players: readonly PlayerInfo[], part: PlayerInfo["part"]): string =>
  players.find((one) => one.part === part)?.name ?? "";
