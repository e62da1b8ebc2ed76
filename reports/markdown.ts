/**
 * The matrix for a README or a pull request: tables that GitHub and GitLab draw. First what works, with one sentence
 * beside an incompatibility, then grades and failures. If it is too long for a comment, it leaves out rows in which
 * everything passed, then rows in which everything works, and says so.
 *
 *     await writeFile("matrix.md", matrixMarkdown(run));
 */

import { answersIn, compatibilityOf, countsText, type ServiceCell, whyInWords } from "./compatibility.ts";
import { type Category, columnName, type Matrix, type MatrixRow, matrixOf, sideArrow } from "./matrix.ts";
import type { Grade, PlayResult, RunResult } from "./model.ts";
import { type Program, pairingsOf, pairingText, programName } from "./pairings.ts";
import { answerText, legendText } from "./service.ts";
import { visible } from "./text.ts";
import { countGrades, gradeStyle, gradesIn, playInWords } from "./wording.ts";

export interface MarkdownOptions {
  /** Characters; default 60 000: a comment on GitHub holds 65 536. */
  readonly limit?: number;
}

/** Signs that differ in shape and colour wherever Markdown is drawn; the legend has the words. */
const signs: Readonly<Record<Grade, string>> = {
  passed: "✅",
  failed: "❌",
  unsupported: "🔶",
  "does-not-apply": "➖",
  "not-run": "⭕",
};

export function matrixMarkdown(run: RunResult, options: MarkdownOptions = {}): string {
  const limit = options.limit ?? 60_000;
  const service = compatibilityOf(run.plays);
  const grades = matrixOf(run.plays);
  const failed = run.plays.filter((play) => play.grade === "failed");
  const [telling, uneven] = [rowsWith(service, (cell) => !good(cell)), rowsWith(grades, notPassed)];
  const nothing = { service: [], grades: [] };
  const shapes: readonly Shown[] = [
    { service: service.categories, grades: grades.categories, failed: failed.length },
    { service: service.categories, grades: uneven, failed: failed.length },
    { service: telling, grades: uneven, failed: failed.length },
    { service: telling, grades: [], failed: failed.length },
    { ...nothing, failed: failed.length },
    ...Array.from({ length: 32 }, (_, at) => ({ ...nothing, failed: failed.length >> (at + 1) })),
  ];
  let text = "";
  for (const shown of shapes) {
    text = page(run, { service, grades, failed }, shown);
    if (text.length <= limit) break;
  }
  return text;
}

interface Found {
  readonly service: Matrix<ServiceCell>;
  readonly grades: Matrix<PlayResult>;
  readonly failed: readonly PlayResult[];
}

/** The rows of both tables, and how many failures are shown. */
interface Shown {
  readonly service: readonly Category<ServiceCell>[];
  readonly grades: readonly Category<PlayResult>[];
  readonly failed: number;
}

function page(run: RunResult, { service, grades, failed }: Found, shown: Shown): string {
  const counted = gradesIn(countGrades(run.plays)).map(({ grade, count, word }) => `${signs[grade]} ${count} ${word}`);
  const parts = [
    `**${countsText(run.plays)}**, seed ${run.seed}. ${constantText(service)}`.trim(),
    `${legendText(answersIn(service))}  \nA ✕ is a known incompatibility; one with ! is not.`,
    ...(failed.length === 0 ? [] : [failureList(failed, shown.failed)]),
    "### Did FTP work?",
    ...pairingTable(run.plays),
    ...serviceTable(service, shown.service),
    ...hiddenText(service, shown.service),
    "### Expectations and letter",
    `**${run.plays.length} plays**: ${counted.join(" · ") || "none"}. ${constantText(grades)}`.trim(),
    ...gradeTable(grades, shown.grades),
    ...hiddenText(grades, shown.grades),
  ];
  return `${parts.join("\n\n")}\n`;
}

function constantText({ constant }: Matrix<unknown>): string {
  const same = constant.map(({ part, value }) => `${part} ${inline(value)}`).join(", ");
  return same === "" ? "" : `All plays: ${same}.`;
}

function hiddenText(whole: Matrix<unknown>, shown: readonly Category<unknown>[]): string[] {
  const count = (categories: readonly Category<unknown>[]): number =>
    categories.reduce((sum, { rows }) => sum + rows.length, 0);
  const hidden = count(whole.categories) - count(shown);
  return hidden === 0 ? [] : [`${hidden} more rows are left out here for length; results.json has them all.`];
}

function serviceTable(matrix: Matrix<ServiceCell>, categories: readonly Category<ServiceCell>[]): string[] {
  const heads = matrix.columns.map((column) =>
    matrix.varying.map((part) => (part === "side" ? sideArrow(column.side) : inline(column[part]))).join(" "),
  );
  return table(categories, [...heads, "why"], (row) => [
    ...row.cells.map((cell) => {
      if (cell === undefined) return "";
      return cell.answer.isNew ? `**${answerText(cell.answer)}**` : answerText(cell.answer);
    }),
    inline(whyInWords(row) ?? ""),
  ]);
}

function gradeTable(matrix: Matrix<PlayResult>, categories: readonly Category<PlayResult>[]): string[] {
  const heads = matrix.columns.map((column) => inline(columnName(column, matrix.varying)));
  return table(categories, heads, (row) => row.cells.map((play) => (play === undefined ? "" : signs[play.grade])));
}

/** Empty without rows. */
function table<Cell>(
  categories: readonly Category<Cell>[],
  heads: readonly string[],
  cells: (row: MatrixRow<Cell>) => readonly string[],
): string[] {
  if (categories.length === 0) return [];
  const lines = [`| scenario | ${heads.join(" | ")} |`, `| --- |${" :-: |".repeat(heads.length)}`];
  for (const { name, rows } of categories) {
    lines.push(`| **${inline(name)}** |${" |".repeat(heads.length)}`);
    for (const row of rows) {
      const variant = row.variant === undefined ? "" : `, ${row.variant}`;
      lines.push(`| ${inline(row.scenario.id + variant)} | ${cells(row).join(" | ")} |`);
    }
  }
  return [lines.join("\n")];
}

const good = ({ answer }: ServiceCell): boolean => answer.kind === "works" && !answer.harm && !answer.isNew;
const notPassed = ({ grade }: PlayResult): boolean => grade !== "passed";

/** The categories with only the rows that have such a cell. */
function rowsWith<Cell>(matrix: Matrix<Cell>, wanted: (cell: Cell) => boolean): Category<Cell>[] {
  const rows = (category: Category<Cell>): MatrixRow<Cell>[] =>
    category.rows.filter(({ cells }) => cells.some((cell) => cell !== undefined && wanted(cell)));
  const categories = matrix.categories.map((category) => ({ name: category.name, rows: rows(category) }));
  return categories.filter((category) => category.rows.length > 0);
}

/** Clients × servers, where real programs played. */
function pairingTable(plays: readonly PlayResult[]): string[] {
  const { rowsAre, columns, rows } = pairingsOf(plays);
  if (rows.length === 0) return [];
  const named = (program: Program): string => inline(programName(program));
  const lines = rows.map(
    ({ program, cells }) => `| ${[named(program), ...cells.map((cell) => inline(pairingText(cell)))].join(" | ")} |`,
  );
  const head = [`| ${rowsAre} | ${columns.map(named).join(" | ")} |`, `| --- |${" --- |".repeat(columns.length)}`];
  return [[...head, ...lines].join("\n")];
}

function failureList(failed: readonly PlayResult[], shown: number): string {
  const items = failed.slice(0, shown).map((play) => {
    const why = playInWords(play).slice(gradeStyle(play.grade).word.length + 2);
    return `- ${codeSpan(visible(play.id))}: ${inline(why)}  \n  ${codeSpan(visible(play.repeat))}`;
  });
  const rest = failed.length - shown;
  return ["### Not as expected", "", ...items, ...(rest > 0 ? [`- and ${rest} more`] : [])].join("\n");
}

/** Foreign text inside a line or a table cell: no markup, no HTML, no mention, no link comes out of it. */
export function inline(text: string): string {
  return visible(text)
    .replace(/[\\`*_{}[\]()#+!|~>]/g, (character) => `\\${character}`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("@", "@<!-- -->")
    .replaceAll("://", ":<!-- -->//");
}

/** As it is, between more backticks than it has in a row. */
function codeSpan(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return longest > 0 ? `${fence} ${text} ${fence}` : `${fence}${text}${fence}`;
}
