/**
 * The first view in the terminal: quirks × subjects by service, a shape for each side, and one sentence beside a row that
 * has an incompatibility. A long matrix shows only rows that are new, if they are few, and counts the others by category;
 * `all` shows every row.
 *
 *     process.stdout.write(compatibilityTable(run.plays, { width: 80, colors }));
 */

import {
  answersIn,
  compatibilityOf,
  countsText,
  type Play,
  type ServiceCell,
  type ServiceRow,
  whyInWords,
} from "../compatibility.ts";
import { type Category, type Matrix, sideArrow } from "../matrix.ts";
import { answerStyles, answerText, harmStyle, legendText } from "../service.ts";
import { cutText, padText, textWidth, visible, wrapText } from "../text.ts";
import { type Colors, paintAnswer, plainColors } from "./output.ts";
import { constantLine, LONG_MATRIX, type SummaryOptions } from "./summary.ts";

export function compatibilityTable(plays: readonly Play[], options: SummaryOptions = {}): string {
  const { width = 80, colors = plainColors, all = false } = options;
  if (plays.length === 0) return "no plays\n";
  const matrix = compatibilityOf(plays);
  const count = matrix.categories.reduce((sum, { rows }) => sum + rows.length, 0);
  const folded = !all && count > LONG_MATRIX;
  const fresh = matrix.categories.reduce((sum, { rows }) => sum + rows.filter(isNew).length, 0);
  const wanted = (row: ServiceRow) => !folded || (fresh <= MOST_NEW && isNew(row));
  const shown = matrix.categories.map(({ name, rows }) => ({ name, rows: rows.filter(wanted) }));
  const layout = layoutOf(
    matrix,
    shown.flatMap(({ rows }) => rows),
    width,
  );
  const lines = [
    ...constantLine(matrix),
    ...(folded ? countTable(fresh === 0 ? matrix.categories : [wholeOf(matrix)], matrix) : []),
    ...(folded && fresh > MOST_NEW ? [`${fresh} quirks have cells that are not as expected`] : []),
    ...(folded && !shown.some(({ rows }) => rows.length > 0) ? [] : headLines(layout, width).map(colors.dim)),
    ...shown.flatMap(({ name, rows }) =>
      rows.length === 0
        ? []
        : [colors.bold(visible(name)), ...rows.flatMap((row) => rowLines(row, layout, width, colors))],
    ),
  ];
  return `${[...lines, "", ...lastLines(matrix, plays, width), ...(fresh > 0 ? [""] : [])].join("\n")}\n`;
}

/** More new rows than these are counted only: the failures tell them by cause. */
const MOST_NEW = 8;

const isNew = ({ cells }: ServiceRow): boolean => cells.some((cell) => cell?.answer.isNew);

interface Layout {
  readonly nameWidth: number;
  /** Of one shape with its signs, and a blank. */
  readonly slot: number;
  /** Neighbouring columns of one subject. */
  readonly groups: readonly { readonly subject: string; readonly sides: readonly string[]; readonly width: number }[];
}

function layoutOf(matrix: Matrix<ServiceCell>, rows: readonly ServiceRow[], width: number): Layout {
  const texts = rows.flatMap(({ cells }) => cells.map((cell) => (cell === undefined ? "" : answerText(cell.answer))));
  const slot = Math.max(1, ...texts.map(textWidth)) + 1;
  const subjects = [...new Set(matrix.columns.map(({ subject }) => subject))];
  const groups = subjects.map((subject) => {
    const sides = matrix.columns.filter((column) => column.subject === subject).map(({ side }) => side);
    return { subject, sides, width: Math.max(textWidth(visible(subject)), sides.length * slot) + 2 };
  });
  const taken = groups.reduce((sum, group) => sum + group.width, 2);
  const longest = Math.max(0, ...rows.map((row) => textWidth(rowName(row))));
  return { nameWidth: Math.min(longest, Math.max(24, width - taken)), slot, groups };
}

const rowName = ({ scenario, variant }: ServiceRow): string =>
  visible(variant === undefined ? scenario.id : `${scenario.id}, ${variant}`);

function headLines({ nameWidth, slot, groups }: Layout, width: number): string[] {
  const left = " ".repeat(nameWidth + 2);
  const subjects = left + groups.map((group) => padText(visible(group.subject), group.width)).join("");
  if (groups.every(({ sides }) => sides.length === 1)) return [subjects.trimEnd()];
  const arrows = groups.map(({ sides, width }) =>
    padText(sides.map((side) => padText(sideArrow(side), slot)).join(""), width),
  );
  const line = left + arrows.join("");
  const meaning = "→ forward  ← reverse";
  return [subjects.trimEnd(), textWidth(line + meaning) <= width ? line + meaning : line.trimEnd()];
}

/** Shorter room beside a row than this puts its sentence below. */
const LEAST_ROOM = 36;

function rowLines(row: ServiceRow, layout: Layout, width: number, colors: Colors): string[] {
  let at = 0;
  const cells = layout.groups.map((group) => {
    const shown = group.sides.map(() => {
      const cell = row.cells[at++];
      if (cell === undefined) return " ".repeat(layout.slot);
      return paintAnswer(answerText(cell.answer), cell.answer, colors) + blanks(cell, layout.slot);
    });
    return shown.join("") + " ".repeat(group.width - group.sides.length * layout.slot);
  });
  const name = padText(cutText(rowName(row), layout.nameWidth), layout.nameWidth);
  const line = `${name}  ${cells.join("")}`;
  const why = whyInWords(row);
  if (why === undefined) return [line.trimEnd()];
  const room = width - layout.nameWidth - 2 - layout.groups.reduce((sum, group) => sum + group.width, 0);
  if (textWidth(why) <= room || room >= LEAST_ROOM) return [line + colors.dim(cutText(why, room))];
  return [line.trimEnd(), ...wrapText(why, width - 4).map((part) => colors.dim(`    ${part}`))];
}

const blanks = (cell: ServiceCell, slot: number): string => " ".repeat(slot - textWidth(answerText(cell.answer)));

/** The counts of all categories in one line leave room for failures. */
const wholeOf = ({ categories }: Matrix<ServiceCell>): Category<ServiceCell> => ({
  name: "all quirks",
  rows: categories.flatMap(({ rows }) => rows),
});

/** A line for each category: how many cells of each subject have which answer. */
function countTable(categories: readonly Category<ServiceCell>[], matrix: Matrix<ServiceCell>): string[] {
  const subjects = [...new Set(matrix.columns.map(({ subject }) => subject))];
  const texts = categories.map((category) => [
    visible(category.name),
    ...subjects.map((subject) => `${visible(subject)} ${countsOf(category, subject)}`),
  ]);
  const widths = ["", ...subjects].map((_, at) => Math.max(...texts.map((row) => textWidth(row[at]!))) + 3);
  const lines = texts.map((row) =>
    row
      .map((text, at) => padText(text, widths[at]!))
      .join("")
      .trimEnd(),
  );
  return [...lines, "", "--all shows every row, --service fails those that fail"];
}

/** `● 40  ◐ 6  ✕ 20`. */
function countsOf({ rows }: Category<ServiceCell>, subject: string): string {
  const cells = rows.flatMap((row) => row.cells.filter((cell) => cell?.subject === subject));
  const counts = answerStyles.map(({ kind, shape }) => ({
    shape,
    count: cells.filter((cell) => cell?.answer.kind === kind).length,
  }));
  counts.push({ shape: harmStyle.shape, count: cells.filter((cell) => cell?.answer.harm).length });
  return counts.flatMap(({ shape, count }) => (count === 0 ? [] : [`${shape} ${count}`])).join("  ");
}

function lastLines(matrix: Matrix<ServiceCell>, plays: readonly Play[], width: number): string[] {
  const legend = legendText(answersIn(matrix));
  const counts = countsText(plays);
  const gap = width - textWidth(legend) - textWidth(counts);
  return gap >= 3 ? [legend + " ".repeat(gap) + counts] : [legend, counts];
}
