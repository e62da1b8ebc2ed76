/**
 * Small files for CI: a badge in the endpoint form of shields.io, and how long each play took.
 *
 *     badgeJson(run); // {"schemaVersion":1,"label":"anchorage","message":"299 as expected","color":"brightgreen"}
 */
import type { RunResult } from "./model.ts";

/** Quirks, not cells: `296 of 299 as expected`. */
export function badgeJson({ plays }: Pick<RunResult, "plays">): string {
  const all = new Set(plays.map(({ scenario }) => scenario.id));
  const failed = new Set(plays.filter(({ grade }) => grade === "failed").map(({ scenario }) => scenario.id));
  const missing = plays.some(({ grade }) => grade === "not-run");
  const good = all.size - failed.size;
  const message = failed.size === 0 ? `${all.size} as expected` : `${good} of ${all.size} as expected`;
  const color = failed.size > 0 ? "red" : missing ? "yellow" : "brightgreen";
  return `${JSON.stringify({ schemaVersion: 1, label: "anchorage", message, color })}\n`;
}

/** Milliseconds of real time by the play's id, sorted: `--shard` balances by it. */
export const timesJson = (times: ReadonlyMap<string, number>): string =>
  `${JSON.stringify(Object.fromEntries([...times].sort().map(([id, ms]) => [id, Math.round(ms)])), null, 1)}\n`;
