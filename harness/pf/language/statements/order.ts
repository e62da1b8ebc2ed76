/**
 * The order of statements in the era `rdr-anchor`: options, normalization, queueing, translation, filtering, unless
 * `set require-order no` lifts it. Later eras have no order.
 */

import type { Context } from "../context.ts";

const stages = ["options", "normalization", "queueing", "translation", "filtering"] as const;

export type Stage = (typeof stages)[number];

/** Fails if a later kind of statement came before. */
export function inOrder(context: Context, stage: Stage): void {
  if (context.era !== "rdr-anchor" || context.options.requireOrder === false) return;
  const number = stages.indexOf(stage);
  if (number < context.stage) context.reader.fail(`Rules must be in order: ${stages.join(", ")}`);
  context.stage = number;
}
