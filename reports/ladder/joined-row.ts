/**
 * Neighbours on a ladder that are one thing: a line handed on unchanged, a packet dropped again and again, an
 * intruder who tries several doors to no avail. Only neighbours: whatever happened in between keeps them apart.
 *
 *     joinedRow(clientToProxy, proxyToServer) // one row with two legs, or undefined
 */
import { middleLane } from "./lanes.ts";
import type { LadderRow } from "./row.ts";

export function joinedRow(row: LadderRow, next: LadderRow): LadderRow | undefined {
  if (row.kind === "message" && next.kind === "message") return handedOn(row, next);
  if (row.kind === "drop" && next.kind === "drop") return droppedAgain(row, next);
  if (row.kind === "kept-out" && next.kind === "kept-out") return triedOn(row, next);
  return undefined;
}

type RowOf<Kind extends LadderRow["kind"]> = Extract<LadderRow, { kind: Kind }>;

function handedOn(row: RowOf<"message">, next: RowOf<"message">): LadderRow | undefined {
  if (row.legs.length !== 1) return undefined;
  const [here, there] = [row.legs[0]!, next.legs[0]!];
  const unchanged = row.text === next.text && row.opaque === next.opaque && next.insteadOf === undefined;
  const onwards = here.to === middleLane && there.from === middleLane && there.to !== here.from;
  return unchanged && onwards ? { ...row, legs: [here, there] } : undefined;
}

function droppedAgain(row: RowOf<"drop">, next: RowOf<"drop">): LadderRow | undefined {
  const same = row.packet === next.packet && row.cause === next.cause;
  return same ? { ...row, again: [...row.again, next.atMs] } : undefined;
}

function triedOn(row: RowOf<"kept-out">, next: RowOf<"kept-out">): LadderRow | undefined {
  const same = row.what === next.what && row.result === next.result;
  return same ? { ...row, tries: [...row.tries, ...next.tries] } : undefined;
}
