/**
 * The matrix for a README or a pull request: tables that GitHub and GitLab draw, then the failures with what dropped
 * their packets. If it is too long for a comment, it leaves out the rows in which everything passed, and says so.
 *
 *     await writeFile("matrix.md", matrixMarkdown(run));
 */

import { type Category, columnName, type Matrix, matrixOf } from "./matrix.ts";
import type { Grade, PlayResult, RunResult } from "./model.ts";
import { countText, type Program, pairingsOf, programName } from "./pairings.ts";
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
  const matrix = matrixOf(run.plays);
  const failed = run.plays.filter((play) => play.grade === "failed");
  const shapes: (() => string)[] = [
    () => page(run, matrix, matrix.categories, failed, failed.length),
    () => page(run, matrix, unevenOnly(matrix.categories), failed, failed.length),
    () => page(run, matrix, [], failed, failed.length),
  ];
  for (const shape of shapes) {
    const text = shape();
    if (text.length <= limit) return text;
  }
  let shown = failed.length;
  let text = page(run, matrix, [], failed, shown);
  while (text.length > limit && shown > 0) {
    shown = Math.floor(shown / 2);
    text = page(run, matrix, [], failed, shown);
  }
  return text;
}

function page(
  run: RunResult,
  matrix: Matrix<PlayResult>,
  categories: readonly Category<PlayResult>[],
  failed: readonly PlayResult[],
  shown: number,
): string {
  const counted = gradesIn(countGrades(run.plays)).map(({ grade, count, word }) => `${signs[grade]} ${count} ${word}`);
  const same = matrix.constant.map(({ part, value }) => `${part} ${inline(value)}`).join(", ");
  const rows = categories.reduce((sum, category) => sum + category.rows.length, 0);
  const hidden = matrix.categories.reduce((sum, category) => sum + category.rows.length, 0) - rows;
  const parts = [
    `**${run.plays.length} plays**, seed ${run.seed}: ${counted.join(" · ") || "none"}`,
    ...(same === "" ? [] : [`All plays: ${same}.`]),
    ...(failed.length === 0 ? [] : [failureList(failed, shown)]),
    ...pairingTable(run.plays),
    ...(rows === 0 ? [] : [table(matrix, categories)]),
    ...(hidden === 0 ? [] : [`${hidden} more scenarios are left out here for length; results.json has them all.`]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function table(matrix: Matrix<PlayResult>, categories: readonly Category<PlayResult>[]): string {
  const heads = matrix.columns.map((column) => inline(columnName(column, matrix.varying)));
  const lines = [`| scenario | ${heads.join(" | ")} |`, `| --- |${" :-: |".repeat(heads.length)}`];
  for (const { name, rows } of categories) {
    lines.push(`| **${inline(name)}** |${" |".repeat(heads.length)}`);
    for (const { scenario, cells } of rows) {
      const shown = cells.map((play) => (play === undefined ? "" : signs[play.grade]));
      lines.push(`| ${inline(scenario.id)} | ${shown.join(" | ")} |`);
    }
  }
  return lines.join("\n");
}

/** Clients × servers, where real programs played. */
function pairingTable(plays: readonly PlayResult[]): string[] {
  const { servers, rows } = pairingsOf(plays);
  if (rows.length === 0) return [];
  const named = (program: Program): string => inline(programName(program));
  const lines = rows.map(({ client, cells }) => {
    const shown = cells.map((cell) => (cell === undefined ? "" : `${signs[cell.grade]} ${countText(cell)}`));
    return `| ${named(client)} | ${shown.join(" | ")} |`;
  });
  const head = [`| client | ${servers.map(named).join(" | ")} |`, `| --- |${" --- |".repeat(servers.length)}`];
  return [[...head, ...lines].join("\n")];
}

function failureList(failed: readonly PlayResult[], shown: number): string {
  const items = failed.slice(0, shown).map((play) => {
    const why = playInWords(play).slice(gradeStyle(play.grade).word.length + 2);
    return `- ${codeSpan(visible(play.id))}: ${inline(why)}  \n  ${codeSpan(visible(play.repeat))}`;
  });
  const rest = failed.length - shown;
  return ["### Failed", "", ...items, ...(rest > 0 ? [`- and ${rest} more`] : [])].join("\n");
}

/** The categories with only the rows in which not everything passed. */
function unevenOnly(categories: readonly Category<PlayResult>[]): Category<PlayResult>[] {
  const uneven = categories.map(({ name, rows }) => ({
    name,
    rows: rows.filter(({ cells }) => cells.some((play) => play !== undefined && play.grade !== "passed")),
  }));
  return uneven.filter(({ rows }) => rows.length > 0);
}

/** Foreign text inside a line or a table cell: no markup, no HTML, no mention, no link comes out of it. */
function inline(text: string): string {
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
