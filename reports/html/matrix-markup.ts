/**
 * The matrix as an HTML table, written at report time, so that the page shows it without any script.
 * A cell's text is its grade; its title has the reason and the rule that dropped the packet.
 */

import { columnName, headings, type Matrix, type MatrixRow, matrixOf } from "../matrix.ts";
import type { PlayResult } from "../model.ts";
import { countText, type Program, pairingInWords, pairingsOf } from "../pairings.ts";
import { gradeStyle, playInWords } from "../wording.ts";
import { playHref } from "./addresses.ts";
import { type Markup, markup } from "./markup.ts";

/** Plays in the order of the matrix: its cells row by row. The page finds a play by its place here. */
export function playsInOrder(plays: readonly PlayResult[]): PlayResult[] {
  return matrixOf(plays).categories.flatMap(({ rows }) =>
    rows.flatMap(({ cells }) => cells.filter((cell) => cell !== undefined)),
  );
}

export function matrixMarkup(plays: readonly PlayResult[]): Markup {
  const matrix = matrixOf(plays);
  let place = 0;
  const body = matrix.categories.map(({ name, rows }) => {
    const lines = rows.map((row) => {
      const line = rowMarkup(row, matrix, place);
      place += row.cells.filter((cell) => cell !== undefined).length;
      return line;
    });
    return markup`<tbody data-category="${name}">
<tr class="category"><th colspan="${matrix.columns.length + 2}" scope="rowgroup">${name}</th></tr>
${lines}</tbody>
`;
  });
  const same = matrix.constant.map(({ part, value }) => markup` <span><i>${part}</i> ${value}</span>`);
  return markup`<div class="scroller" tabindex="0" role="region" aria-label="Matrix of scenarios and subjects"><table class="matrix">
<caption>Every play: scenarios by ${matrix.varying.join(", ")}.${same.length > 0 ? markup` In all of them${same}.` : undefined}</caption>
${headMarkup(matrix)}
${body}</table></div>`;
}

function headMarkup(matrix: Matrix<PlayResult>): Markup {
  const rows = headings(matrix).map((row, level, all) => {
    const corner =
      level === 0 ? markup`<th class="corner" rowspan="${all.length}" scope="col">scenario</th>` : undefined;
    const cells = row.map(
      ({ text, span }) => markup`<th colspan="${span}" scope="${span > 1 ? "colgroup" : "col"}">${text}</th>`,
    );
    // The last column takes the rest of the width, so that cells stay near their names.
    const rest = level === 0 ? markup`<td class="rest" rowspan="${all.length}"></td>` : undefined;
    return markup`<tr>${corner}${cells}${rest}</tr>`;
  });
  return markup`<thead>${rows}</thead>`;
}

function rowMarkup(row: MatrixRow<PlayResult>, matrix: Matrix<PlayResult>, firstPlace: number): Markup {
  let place = firstPlace;
  const cells = row.cells.map((play) => {
    if (play === undefined) return markup`<td></td>`;
    const title = `${columnName(play, matrix.varying)}: ${playInWords(play)}`;
    return markup`<td><a class="cell ${play.grade}" href="${playHref(play.id)}" data-place="${place++}" data-subject="${play.subject}" title="${title}">${gradeStyle(play.grade).word}</a></td>`;
  });
  const { id, title, category } = row.scenario;
  const name = id.startsWith(`${category}/`) ? id.slice(category.length + 1) : id;
  return markup`<tr><th scope="row" title="${id}"><b>${name}</b> <span>${title}</span></th>${cells}<td class="rest"></td></tr>
`;
}

/** Real programs: clients × servers with their versions. Undefined if no program played. */
export function pairingMarkup(plays: readonly PlayResult[]): Markup | undefined {
  const pairings = pairingsOf(plays);
  const { servers } = pairings;
  if (pairings.rows.length === 0) return undefined;
  const named = ({ name, version }: Program): Markup =>
    markup`${name}${version === undefined ? undefined : markup` <span>${version}</span>`}`;
  const rows = pairings.rows.map((row) => {
    const cells = row.cells.map((cell, at) => {
      if (cell === undefined) return markup`<td></td>`;
      const title = `${row.client.name} and ${servers[at]!.name}: ${pairingInWords(cell)}`;
      return markup`<td title="${title}"><span class="shape ${cell.grade}" role="img" aria-label="${gradeStyle(cell.grade).word}"></span> ${countText(cell)}</td>`;
    });
    return markup`<tr><th scope="row">${named(row.client)}</th>${cells}</tr>
`;
  });
  return markup`<div class="scroller"><table class="pairings">
<caption>Real programs: the plays that ended as they must. Files arrive through a proxy, and not without one.</caption>
<thead><tr><th scope="col">client</th>${servers.map((server) => markup`<th scope="col">${named(server)}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
