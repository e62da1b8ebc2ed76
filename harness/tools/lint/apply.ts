/** A text with one finding's correction made: what `--fix` would write. */

import type { Finding } from "./finding.ts";

/** Lines of the text are those that the finding was made from; a statement over several lines is taken as a whole. */
export function applyCorrection(text: string, { correction }: Finding, lastLineOf: (line: number) => number): string {
  const { lines, place, at, moved } = correction;
  if (lines.length === 0) return text;
  const all: (string | undefined)[] = text.split("\n");
  const remove = (first: number) => {
    for (let line = first; line <= lastLineOf(first); line++) all[line - 1] = undefined;
  };
  if (moved !== undefined) remove(moved);
  const target = place === "after" ? lastLineOf(at) : at - 1;
  if (place === "instead of") remove(at);
  return [...all.slice(0, target), ...lines, ...all.slice(target)].filter((line) => line !== undefined).join("\n");
}
