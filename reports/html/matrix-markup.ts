/**
 * Both views of the matrix as HTML tables, written at report time, so that the page shows them without any script.
 * The first has the answers to "did FTP work?", the second the grades. A cell's text is its answer, its title says more,
 * and `data-places` has the places of its plays in the packed parts.
 */

import { compatibilityOf, type Play, type ServiceCell, whyInWords } from "../compatibility.ts";
import { columnName, headings, type Matrix, type MatrixRow, matrixOf, sideArrow } from "../matrix.ts";
import type { PlayResult } from "../model.ts";
import { answerStyle, serviceInWords } from "../service.ts";
import { gradeStyle, playInWords } from "../wording.ts";
import { playHref } from "./addresses.ts";
import { type Markup, markup } from "./markup.ts";

/** Plays in the order of the second view: its cells row by row. The page finds a play by its place here. */
export function playsInOrder(plays: readonly PlayResult[]): PlayResult[] {
  return matrixOf(plays).categories.flatMap(({ rows }) =>
    rows.flatMap(({ cells }) => cells.filter((cell) => cell !== undefined)),
  );
}

const SERVICE_CAPTION =
  "Did FTP work? → clients inside (forward), ← server inside (reverse). A grey cross is a known incompatibility, " +
  "a red frame an answer that is not as expected.";

/** Quirks × subjects by service. */
export function serviceMarkup(plays: readonly PlayResult[]): Markup {
  const matrix = compatibilityOf(plays);
  const places = new Map(playsInOrder(plays).map((play, place) => [play.id, place]));
  return tableMarkup(matrix, SERVICE_CAPTION, {
    why: whyInWords,
    cell: (cell) => serviceCell(cell, places),
  });
}

function serviceCell({ answer, plays, subject, side }: ServiceCell, places: ReadonlyMap<string, number>): Markup {
  const [first] = plays as [Play];
  const where = [subject, [...new Set(plays.map(({ family }) => family))].join(" and "), side].join(" ");
  const expected = answer.isNew ? ", not as expected" : "";
  const { word } = answerStyle(answer.kind);
  const by = [...new Set(plays.flatMap(({ service }) => service?.by ?? []))].join(" ");
  const classes = `cell ${answer.kind}${answer.harm ? " harm" : ""}${answer.isNew ? " new" : ""}`;
  const at = plays.map(({ id }) => places.get(id)).join(" ");
  return markup`<td><a class="${classes}" href="${playHref(first.id)}" data-places="${at}" data-subject="${subject}" data-by="${by}" title="${`${where}: ${serviceInWords(first)}${expected}`}">${word}${answer.harm ? ", harm" : ""}${expected}</a></td>`;
}

/** Every play by its grade. */
export function letterMarkup(plays: readonly PlayResult[]): Markup {
  const matrix = matrixOf(plays);
  let place = 0;
  return tableMarkup(matrix, `Every play: scenarios by ${matrix.varying.join(", ")}.`, {
    cell: (play) => {
      const title = `${columnName(play, matrix.varying)}: ${playInWords(play)}`;
      return markup`<td><a class="cell ${play.grade}" href="${playHref(play.id)}" data-places="${place++}" data-subject="${play.subject}" title="${title}">${gradeStyle(play.grade).word}</a></td>`;
    },
  });
}

interface Drawing<Cell> {
  cell(cell: Cell): Markup;
  /** The sentence beside a row. */
  why?(row: MatrixRow<Cell>): string | undefined;
}

function tableMarkup<Cell>(matrix: Matrix<Cell>, caption: string, { cell, why }: Drawing<Cell>): Markup {
  const body = matrix.categories.map(
    ({ name, rows }) => markup`<tbody data-category="${name}">
<tr class="category"><th colspan="${matrix.columns.length + 2}" scope="rowgroup">${name}</th></tr>
${rows.map(
  (
    row,
  ) => markup`<tr>${nameMarkup(row)}${row.cells.map((each) => (each === undefined ? markup`<td></td>` : cell(each)))}<td class="rest">${why?.(row)}</td></tr>
`,
)}</tbody>
`,
  );
  const same = matrix.constant.map(({ part, value }) => markup` <span><i>${part}</i> ${value}</span>`);
  return markup`<div class="scroller" tabindex="0" role="region" aria-label="Matrix of scenarios and subjects"><table class="matrix">
<caption>${caption}${same.length > 0 ? markup` In all of them${same}.` : undefined}</caption>
${headMarkup(matrix)}
${body}</table></div>`;
}

function headMarkup(matrix: Matrix<unknown>): Markup {
  const rows = headings(matrix).map((row, level, all) => {
    const corner =
      level === 0 ? markup`<th class="corner" rowspan="${all.length}" scope="col">scenario</th>` : undefined;
    const arrows = matrix.varying[level] === "side";
    const cells = row.map(({ text, span }) => {
      const shown = arrows ? markup`<span title="${text}" aria-label="${text}">${sideArrow(text)}</span>` : text;
      return markup`<th colspan="${span}" scope="${span > 1 ? "colgroup" : "col"}">${shown}</th>`;
    });
    // The last column takes the rest of the width, so that cells stay near their names.
    const rest = level === 0 ? markup`<td class="rest" rowspan="${all.length}"></td>` : undefined;
    return markup`<tr>${corner}${cells}${rest}</tr>`;
  });
  return markup`<thead>${rows}</thead>`;
}

function nameMarkup({ scenario: { id, title, category }, variant }: MatrixRow<unknown>): Markup {
  const name = id.startsWith(`${category}/`) ? id.slice(category.length + 1) : id;
  const of = variant === undefined ? undefined : markup` <i>${variant}</i>`;
  return markup`<th scope="row" title="${id}"><b>${name}</b>${of} <span>${title}</span></th>`;
}
