/**
 * What a result says of its cell, whether it was played or not.
 */

import type { PlayResult } from "../../reports/model.ts";
import { type Cell, cellId } from "../run/cell.ts";
import { describeEnd, endOf } from "../scenario.ts";

type Description = Pick<
  PlayResult,
  "id" | "scenario" | "subject" | "lab" | "era" | "family" | "side" | "seed" | "expected" | "players" | "repeat"
>;

/** `versions`: of players whose version is known only on their host, by part. */
export function describeCell(cell: Cell, versions: ReadonlyMap<string, string> = new Map()): Description {
  const { entry, subject, lab, era, family, side, runSeed } = cell;
  const { scenario } = entry;
  const id = cellId(cell);
  const players = [
    { part: "client" as const, player: scenario.client },
    { part: "server" as const, player: scenario.server },
  ];
  return {
    id,
    scenario: {
      id: entry.id,
      title: scenario.title,
      category: entry.category,
      quirk: scenario.quirk,
      sources: scenario.sources,
      priority: scenario.priority,
    },
    subject: subject.name,
    lab: lab.name,
    era,
    family,
    side,
    seed: runSeed,
    expected: describeEnd(endOf(scenario, subject.profile(era), { side, family })),
    players: players.map(({ part, player }) => {
      const version = versions.get(part) ?? player.version;
      return { part, name: player.name, ...(version === undefined ? {} : { version }) };
    }),
    repeat: `npx anchorage repro '${id}' --seed ${runSeed}`,
  };
}
