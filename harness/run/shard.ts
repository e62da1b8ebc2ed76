/**
 * A part of a run, for several machines: `--shard 2/5`. All parts together are the whole, and no cell is in two.
 *
 * @example
 * shardOf(planned, { index: 2, count: 5 }, times) // about a fifth of the time
 */

import { type Cell, cellId, playSeed } from "../play/cell.ts";

export interface Shard {
  /** 1 … count. */
  readonly index: number;
  readonly count: number;
}

/** Milliseconds of a play in an earlier run, by the cell's id. */
export type Times = ReadonlyMap<string, number>;

/**
 * With `times` every part takes about as long: the longest cells are dealt out first, each to the part with the least.
 * Without, a cell's part depends on its scenario alone, so that it stays where it is when others come in.
 */
export function shardOf<One extends { readonly cell: Cell }>(
  planned: readonly One[],
  { index, count }: Shard,
  times: Times = new Map(),
): One[] {
  if (times.size === 0) return planned.filter(({ cell }) => playSeed(0, cell.entry.id) % count === index - 1);
  const known = [...times.values()];
  const usual = known.reduce((sum, one) => sum + one, 0) / known.length;
  const weighed = planned.map((one) => ({ one, id: cellId(one.cell), ms: times.get(cellId(one.cell)) ?? usual }));
  weighed.sort((a, b) => b.ms - a.ms || (a.id < b.id ? -1 : 1));
  const loads = Array.from({ length: count }, () => 0);
  const mine = new Set<One>();
  for (const { one, ms } of weighed) {
    const lightest = loads.indexOf(Math.min(...loads));
    loads[lightest] = (loads[lightest] ?? 0) + ms;
    if (lightest === index - 1) mine.add(one);
  }
  return planned.filter((one) => mine.has(one));
}
