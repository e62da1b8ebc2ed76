/**
 * The matrix: scenarios grouped by category × (subject, lab, era, family, side). Pure; every report draws it.
 * Parts of a column that are the same everywhere (one lab, one era) are named once instead of in every heading.
 *
 *     const { categories, columns, varying, constant } = matrixOf(run.plays);
 */
import type { PlayResult, ScenarioInfo } from "./model.ts";

export const columnParts = ["subject", "lab", "era", "family", "side"] as const;
export type ColumnPart = (typeof columnParts)[number];
export type Column = Readonly<Record<ColumnPart, string>>;

/** The part of a play that the matrix needs. */
export type Cell = Pick<PlayResult, "scenario" | "subject" | "lab" | "era" | "family" | "side">;

/** A cell of the matrix: a play, or something that looks like one. A scenario has a row for each `variant`. */
interface Placed extends Column {
  readonly scenario: ScenarioInfo;
  readonly variant?: string;
}

export interface MatrixRow<Play> {
  readonly scenario: ScenarioInfo;
  readonly variant?: string;
  /** One for each column; undefined where nothing was chosen to be played. */
  readonly cells: readonly (Play | undefined)[];
}

export interface Category<Play> {
  readonly name: string;
  readonly rows: readonly MatrixRow<Play>[];
}

export interface Matrix<Play> {
  readonly columns: readonly Column[];
  /** The parts that differ between columns; never empty when there are columns. */
  readonly varying: readonly ColumnPart[];
  /** The parts that are the same in every column. */
  readonly constant: readonly { readonly part: ColumnPart; readonly value: string }[];
  readonly categories: readonly Category<Play>[];
}

/** Known subjects, labs and eras in this order; others follow, by name. */
const knownOrder: readonly string[] = [
  ...["core", "core-daemon", "ftp-proxy", "conntrack", "none"],
  ...["sim", "netns", "openbsd", "freebsd"],
  ...["divert-to", "rdr-to", "rdr-anchor"],
  ...["inet", "inet6", "forward", "reverse"],
];

export function matrixOf<Play extends Placed>(plays: readonly Play[]): Matrix<Play> {
  const columns = columnsOf(plays);
  const position = new Map(columns.map((column, index) => [columnKey(column), index]));
  const rows = new Map<string, { scenario: ScenarioInfo; variant?: string; cells: (Play | undefined)[] }>();
  for (const play of plays) {
    const { scenario, variant } = play;
    const key = JSON.stringify([scenario.id, variant]);
    let row = rows.get(key);
    if (row === undefined) {
      row = { scenario, ...(variant !== undefined && { variant }), cells: columns.map(() => undefined) };
      rows.set(key, row);
    }
    row.cells[position.get(columnKey(play)) ?? 0] = play;
  }
  const sorted = [...rows.values()].sort((a, b) => compareText(a.scenario.id, b.scenario.id));
  const names = [...new Set(sorted.map((row) => row.scenario.category))].sort(compareText);
  const same = columnParts.filter((part) => columns.every((column) => column[part] === columns[0]?.[part]));
  // One column only: it still needs a name, and its subject names it best.
  const shared = columns.length === 1 ? same.filter((part) => part !== "subject") : same;
  return {
    columns,
    varying: columns.length === 0 ? [] : columnParts.filter((part) => !shared.includes(part)),
    constant: columns[0] === undefined ? [] : shared.map((part) => ({ part, value: columns[0]![part] })),
    categories: names.map((name) => ({ name, rows: sorted.filter((row) => row.scenario.category === name) })),
  };
}

/** Heading rows, one for each varying part; neighbours with equal words (and equal words above) share one heading. */
export function headings(matrix: Pick<Matrix<unknown>, "columns" | "varying">): { text: string; span: number }[][] {
  return matrix.varying.map((part, level) => {
    const above = matrix.varying.slice(0, level);
    const row: { text: string; span: number }[] = [];
    matrix.columns.forEach((column, index) => {
      const left = matrix.columns[index - 1];
      const joined = left !== undefined && [...above, part].every((each) => left[each] === column[each]);
      if (joined) row[row.length - 1]!.span += 1;
      else row.push({ text: column[part], span: 1 });
    });
    return row;
  });
}

/** `→` and `←`: the way to the server, as seen from inside. */
export const sideArrow = (side: string): string => (side === "reverse" ? "←" : "→");

/** `core sim inet forward`, or only the given parts. */
export function columnName(column: Column, parts: readonly ColumnPart[] = columnParts): string {
  return parts.map((part) => column[part]).join(" ");
}

function columnsOf(plays: readonly Column[]): Column[] {
  const byKey = new Map<string, Column>();
  for (const { subject, lab, era, family, side } of plays) {
    const column = { subject, lab, era, family, side };
    byKey.set(columnKey(column), column);
  }
  return [...byKey.values()].sort((a, b) => {
    for (const part of columnParts) {
      const order = compareWords(a[part], b[part]);
      if (order !== 0) return order;
    }
    return 0;
  });
}

const columnKey = (column: Column): string => JSON.stringify(columnParts.map((part) => column[part]));

/** Known words in their order, then others by name. */
export const compareWords = (a: string, b: string): number => rank(a) - rank(b) || compareText(a, b);

function rank(word: string): number {
  const index = knownOrder.indexOf(word);
  return index < 0 ? knownOrder.length : index;
}

/** By code unit: the same on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
