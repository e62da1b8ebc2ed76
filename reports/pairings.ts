/**
 * Real programs with each other: clients × servers, each with its version, over every mode, family, side and subject
 * in which they were played. It summarizes the rows of the category `programs`. Pure.
 *
 *     const { servers, rows } = pairingsOf(run.plays);
 *     rows[0].cells[0] // { grade: "passed", passed: 16, of: 16 }
 */

import type { Grade, PlayerInfo, PlayResult } from "./model.ts";
import { gradeStyle } from "./wording.ts";

export type Program = Pick<PlayerInfo, "name" | "version">;
type Play = Pick<PlayResult, "scenario" | "players" | "grade">;

export interface Pairing {
  /** The worst grade of the pair. */
  readonly grade: Grade;
  readonly passed: number;
  /** All plays but those that do not apply. */
  readonly of: number;
}

export interface Pairings {
  /** In the order in which they were played; none: no play was one of programs. */
  readonly servers: readonly Program[];
  /** A row for each client, with a cell for each server; undefined where the two never met. */
  readonly rows: readonly { readonly client: Program; readonly cells: readonly (Pairing | undefined)[] }[];
}

/** The category of their scenarios. */
const CATEGORY = "programs";
/** Worst first. */
const BY_WEIGHT: readonly Grade[] = ["failed", "not-run", "unsupported", "passed", "does-not-apply"];

export function pairingsOf(plays: readonly Play[]): Pairings {
  const found = { client: new Map<string, Program>(), server: new Map<string, Program>() };
  const grades = new Map<string, Grade[]>();
  for (const { scenario, players, grade } of plays) {
    if (scenario.category !== CATEGORY) continue;
    for (const { part, name, version } of players) {
      const known = found[part].get(name)?.version ?? version;
      found[part].set(name, { name, ...(known !== undefined && { version: known }) });
    }
    const pair = keyOf(nameOf(players, "client"), nameOf(players, "server"));
    grades.set(pair, [...(grades.get(pair) ?? []), grade]);
  }
  const servers = [...found.server.values()];
  const rows = [...found.client.values()].map((client) => ({
    client,
    cells: servers.map((server) => pairingOf(grades.get(keyOf(client.name, server.name)))),
  }));
  return { servers, rows };
}

function pairingOf(grades: readonly Grade[] | undefined): Pairing | undefined {
  if (grades === undefined) return undefined;
  const grade = BY_WEIGHT.find((one) => grades.includes(one)) ?? "does-not-apply";
  const of = grades.filter((one) => one !== "does-not-apply");
  return { grade, passed: of.filter((one) => one === "passed").length, of: of.length };
}

/** `curl 7.88.1`. */
export const programName = ({ name, version }: Program): string =>
  version === undefined ? name : `${name} ${version}`;

/** `16` when all passed, `15/16` otherwise. */
export const countText = ({ passed, of }: Pairing): string => (passed === of ? `${of}` : `${passed}/${of}`);

/** `15 of 16 plays passed; worst: failed`. */
export const pairingInWords = ({ grade, passed, of }: Pairing): string =>
  passed === of ? `${of} plays passed` : `${passed} of ${of} plays passed; worst: ${gradeStyle(grade).word}`;

const keyOf = (client: string, server: string): string => JSON.stringify([client, server]);

const nameOf = (players: readonly PlayerInfo[], part: PlayerInfo["part"]): string =>
  players.find((one) => one.part === part)?.name ?? "";
