/**
 * Real players in the terminal: clients × servers, each server's version below its name, in blocks that fit the width.
 *
 *     process.stdout.write(pairingTable(run.plays, { width: 80, colors }));
 */

import type { PlayResult } from "../model.ts";
import { pairingsOf, pairingText, programName } from "../pairings.ts";
import { padText, textWidth, visible } from "../text.ts";
import { type Colors, plainColors } from "./output.ts";

export interface PairingOptions {
  readonly width?: number;
  readonly colors?: Colors;
}

/** Empty when no program played. */
export function pairingTable(plays: readonly PlayResult[], options: PairingOptions = {}): string {
  const { width = 80, colors = plainColors } = options;
  const { rowsAre, columns, rows } = pairingsOf(plays);
  if (rows.length === 0) return "";
  const corner = rowsAre === "client" ? "clients × servers" : "servers × clients";
  const left = ["real programs", corner, ...rows.map(({ program }) => visible(programName(program)))];
  const shown = columns.map(({ name, version = "" }, at) => [
    visible(name),
    visible(version),
    ...rows.map(({ cells }) => pairingText(cells[at]!)),
  ]);
  const leftWidth = Math.max(...left.map(textWidth)) + 2;
  const blocks: string[][][] = [[]];
  let used = leftWidth;
  for (const column of shown) {
    const wide = Math.max(...column.map(textWidth)) + 3;
    if (used + wide > width && blocks.at(-1)!.length > 0) {
      blocks.push([]);
      used = leftWidth;
    }
    blocks.at(-1)!.push(column.map((text) => padText(text, wide)));
    used += wide;
  }
  const lines = blocks.flatMap((block) => [
    ...left.map((text, at) => `${padText(text, leftWidth)}${block.map((column) => column[at]).join("")}`.trimEnd()),
    "",
  ]);
  return `${lines.map((line, at) => (at % (left.length + 1) === 0 ? colors.bold(line) : line)).join("\n")}\n`;
}
