/**
 * The matrix in the terminal: scenario rows × (subject, lab, era, family, side) columns, one shape for each cell,
 * and the counts beneath. Headings are words where they fit the width, else letters with a key. A long matrix shows
 * only the rows with failed or not run plays, and counts the others by category; `all` shows every row.
 *
 *     process.stdout.write(summaryTable(run.plays, { width: 80, colors }));
 */

import { columnName, headings, type Matrix, type MatrixRow, matrixOf } from "../matrix.ts";
import type { Grade, PlayResult } from "../model.ts";
import { cutText, padText, textWidth, visible } from "../text.ts";
import { countGrades, countsInWords, gradeStyle, gradesIn } from "../wording.ts";
import { type Colors, paintGrade, plainColors } from "./output.ts";

export interface SummaryOptions {
  readonly width?: number;
  readonly colors?: Colors;
  /** Every row, however many. */
  readonly all?: boolean;
}

type Play = Pick<PlayResult, "scenario" | "subject" | "lab" | "era" | "family" | "side" | "grade" | "flaky">;

/** More rows than this are shown by category, save those that want attention. */
export const LONG_MATRIX = 60;

export function summaryTable(plays: readonly Play[], options: SummaryOptions = {}): string {
  const { width = 80, colors = plainColors, all = false } = options;
  if (plays.length === 0) return "no plays\n";
  const matrix = matrixOf(plays);
  const rowCount = matrix.categories.reduce((sum, { rows }) => sum + rows.length, 0);
  const folded = !all && rowCount > LONG_MATRIX;
  const longest = Math.max(
    ...matrix.categories.flatMap(({ rows }) => rows.map(({ scenario }) => textWidth(visible(scenario.id)))),
  );
  const columns = columnHeads(matrix, Math.max(24, width - Math.min(longest, 44) - 2));
  const nameWidth = Math.min(longest, Math.max(24, width - 2 - columns.cellWidth * matrix.columns.length));
  const lines = [
    ...constantLine(matrix),
    ...columns.key,
    ...columns.heads.map((head) => `${" ".repeat(nameWidth + 2)}${colors.dim(head)}`.trimEnd()),
  ];
  for (const { name, rows } of matrix.categories) {
    lines.push(colors.bold(visible(name)));
    const shown = folded ? rows.filter(wantsAttention) : rows;
    for (const row of shown) lines.push(rowLine(row, nameWidth, columns.cellWidth, colors));
    const hidden = rows.filter((row) => !shown.includes(row));
    if (hidden.length === 0) continue;
    const counts = countsInWords(
      countGrades(hidden.flatMap(({ cells }) => cells.filter((cell) => cell !== undefined))),
    );
    lines.push(colors.dim(`  ${hidden.length} ${shown.length > 0 ? "more " : ""}scenarios: ${counts}`));
  }
  return `${[...lines, "", countLine(plays, colors)].join("\n")}\n`;
}

/** `412 plays: ● 398 passed  ✕ 1 failed …`: also the legend. */
export function countLine(plays: readonly Pick<PlayResult, "grade" | "flaky">[], colors: Colors = plainColors): string {
  const parts = gradesIn(countGrades(plays)).map(({ grade, word, shape, count }) =>
    paintGrade(`${shape} ${count} ${word}`, grade, colors),
  );
  const flaky = plays.filter((play) => play.flaky !== undefined).length;
  const noted = flaky === 0 ? parts : [...parts, `${flaky} flaky`];
  return `${plays.length} play${plays.length === 1 ? "" : "s"}:  ${noted.join("   ")}`;
}

const attention: readonly Grade[] = ["failed", "not-run"];

function wantsAttention(row: MatrixRow<Play>): boolean {
  return row.cells.some((cell) => cell !== undefined && attention.includes(cell.grade));
}

function rowLine(row: MatrixRow<Play>, nameWidth: number, cellWidth: number, colors: Colors): string {
  const cells = row.cells.map((cell) => {
    if (cell === undefined) return " ".repeat(cellWidth);
    return paintGrade(gradeStyle(cell.grade).shape, cell.grade, colors) + " ".repeat(cellWidth - 1);
  });
  const name = padText(cutText(visible(row.scenario.id), nameWidth), nameWidth);
  return `${name}  ${cells.join("")}`.trimEnd();
}

export function constantLine(matrix: Pick<Matrix<unknown>, "constant">): string[] {
  if (matrix.constant.length === 0) return [];
  return [`all plays: ${matrix.constant.map(({ part, value }) => `${part} ${visible(value)}`).join(", ")}`, ""];
}

interface ColumnHeads {
  readonly cellWidth: number;
  readonly heads: readonly string[];
  readonly key: readonly string[];
}

/** Words stacked over the columns if every word fits over its span, else a letter for each column and a key. */
function columnHeads(matrix: Matrix<Play>, room: number): ColumnHeads {
  const levels = headings(matrix).map((level) => level.map(({ text, span }) => ({ text: visible(text), span })));
  const needed = levels.flat().map(({ text, span }) => Math.ceil((textWidth(text) + 2) / span));
  const cellWidth = Math.max(3, ...needed);
  if (cellWidth * matrix.columns.length <= room) {
    const heads = levels.map((level) => level.map(({ text, span }) => padText(text, span * cellWidth)).join(""));
    return { cellWidth, heads, key: [] };
  }
  const letters = matrix.columns.map((_, index) => columnLetter(index));
  const narrow = Math.max(...letters.map((letter) => letter.length)) + 1;
  const key = matrix.columns.map(
    (column, index) => `${padText(letters[index]!, narrow)} ${visible(columnName(column, matrix.varying))}`,
  );
  return { cellWidth: narrow, heads: [letters.map((letter) => padText(letter, narrow)).join("")], key: [...key, ""] };
}

/** a … z, aa, ab … */
function columnLetter(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? letter : columnLetter(Math.floor(index / 26) - 1) + letter;
}
