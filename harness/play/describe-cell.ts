/**
 * What a result says of its cell, whether it was played or not.
 */

import type { PlayerInfo, PlayResult } from "../../reports/model.ts";
import { describeEnd, endOf } from "../contract/scenario.ts";
import { type Cell, cellId } from "../run/cell.ts";

type Description = Pick<
  PlayResult,
  "id" | "scenario" | "subject" | "lab" | "era" | "family" | "side" | "seed" | "expected" | "players" | "repeat"
>;

/** What is known of a player only when it has taken its part. */
export type TakenInfo = Pick<PlayerInfo, "version" | "output">;

export function describeCell(cell: Cell, taken: Partial<Record<PlayerInfo["part"], TakenInfo>> = {}): Description {
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
      const { version = player.version, output } = taken[part] ?? {};
      const { name, command } = player;
      return { part, name, ...(version && { version }), ...(command && { command }), ...(output && { output }) };
    }),
    repeat: `npx anchorage repro '${id}'${entry.options === undefined ? "" : ` ${entry.options}`} --seed ${runSeed}`,
  };
}
