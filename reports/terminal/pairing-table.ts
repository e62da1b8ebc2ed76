/**
 * Real programs in the terminal: clients × servers with their versions, a shape and a count for each pair.
 *
 *     process.stdout.write(pairingTable(run.plays, { colors })); // empty when no program played
 */
import { gradeStyle } from "../grades.ts";
import type { PlayResult } from "../model.ts";
import { countText, type Program, pairingsOf } from "../pairings.ts";
import { padText, textWidth } from "../text-width.ts";
import { visible } from "../visible-text.ts";
import { paintGrade } from "./grade-colors.ts";
import { type Colors, plainColors } from "./output.ts";

const HEADS = ["real programs", "clients × servers"] as const;

export function pairingTable(
  plays: readonly PlayResult[],
  { colors = plainColors }: { readonly colors?: Colors } = {},
): string {
  const { clients, servers, cellOf } = pairingsOf(plays);
  if (clients.length === 0) return "";
  const named = (one: Program): string => visible(one.version === undefined ? one.name : `${one.name} ${one.version}`);
  const left = Math.max(...[...HEADS, ...clients.map(named)].map(textWidth)) + 2;
  const widths = servers.map(
    (one) => Math.max(7, textWidth(visible(one.name)), textWidth(visible(one.version ?? ""))) + 2,
  );
  const line = (first: string, cells: readonly string[]): string =>
    `${padText(first, left)}${cells.map((cell, at) => padText(cell, widths[at] ?? 0)).join("")}`.trimEnd();
  const rows = clients.map((client) => {
    const cells = servers.map((server, at) => {
      const cell = cellOf(client, server);
      if (cell === undefined) return " ".repeat(widths[at] ?? 0);
      const text = `${gradeStyle(cell.grade).shape} ${countText(cell)}`;
      return paintGrade(text, cell.grade, colors) + " ".repeat(Math.max(0, (widths[at] ?? 0) - textWidth(text)));
    });
    return `${padText(named(client), left)}${cells.join("")}`.trimEnd();
  });
  return `${[
    colors.bold(
      line(
        "real programs",
        servers.map(({ name }) => visible(name)),
      ),
    ),
    colors.dim(
      line(
        "clients × servers",
        servers.map(({ version = "" }) => visible(version)),
      ),
    ),
    ...rows,
    "",
  ].join("\n")}\n`;
}
