/**
 * One cell of the matrix: which scenario is played with which subject, where and how.
 */

import type { Era, LabKind, Side } from "../contract/lab.ts";
import type { CatalogueEntry } from "../contract/scenario.ts";
import type { Subject } from "../contract/subject.ts";
import type { Family } from "../pf/packet.ts";

export interface Cell {
  readonly entry: CatalogueEntry;
  readonly subject: Subject;
  readonly lab: LabKind;
  readonly era: Era;
  readonly family: Family;
  readonly side: Side;
  /** Of this play; made from the run's seed and the cell's id. */
  readonly seed: number;
  /** The run's. */
  readonly runSeed: number;
  /** pf.conf of the user's own, instead of the template (`anchorage repro --pf-conf`). */
  readonly pfConf?: string;
}

/** `passive/pasv@core,sim,inet,forward`: accepted by `anchorage repro`. */
export const cellId = (cell: Omit<Cell, "seed">): string =>
  `${cell.entry.id}@${cell.subject.name},${cell.lab.name},${cell.era},${cell.family},${cell.side}`;

/** FNV-1a over the id: a play has the same seed whether it is played alone or among hundreds. */
export function playSeed(runSeed: number, id: string): number {
  let hash = 0x811c9dc5 ^ runSeed;
  for (let index = 0; index < id.length; index++) {
    hash ^= id.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
