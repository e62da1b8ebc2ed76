/**
 * Both views of the matrix as HTML tables, written at report time, so that the page shows them without any script.
 * The first has the answers to "did FTP work?", the second the grades. A row is a grid (matrix.css), so that the browser
 * lays out only the rows in sight: `--columns` and the other rules that depend on the run are in `matrixStyle`.
 */

import { type Play, type ServiceCell, type ServiceRow, whyInWords, whyOf } from "../compatibility.ts";
import { type Column, columnName, headings, type Matrix, type MatrixRow, sideArrow } from "../matrix.ts";
import type { PlayResult } from "../model.ts";
import { answerStyle, isKnown, serviceInWords } from "../service.ts";
import { gradeStyle, playInWords } from "../wording.ts";
import { playLink } from "./links.ts";
import { type Markup, markup } from "./markup.ts";

type Places = ReadonlyMap<string, number>;

/** Quirks × subjects by service. */
export const serviceMarkup = (matrix: Matrix<ServiceCell>, places: Places): Markup =>
  tableMarkup(matrix, {
    cell: (cell) => serviceCell(cell, places),
    rest: whyMarkup,
    caption: markup`<span class="cell works"></span>works <span class="cell detour"></span>after a detour <span class="cell fails"></span>fails, as known <span class="cell fails new"></span>new: not as expected. → client inside, ← server inside.`,
  });

function serviceCell({ answer, plays, subject, side }: ServiceCell, places: Places): Markup {
  const [first] = plays as [Play];
  const where = [subject, [...new Set(plays.map(({ family }) => family))].join(" and "), side].join(" ");
  const signs = [
    ...(answer.harm ? ["harm"] : []),
    ...(answer.isNew ? ["new"] : []),
    ...(answer.isFlaky ? ["flaky"] : []),
  ];
  const words = [answerStyle(answer.kind).word, ...signs.map((sign) => (sign === "new" ? "not as expected" : sign))];
  return playLink(first, {
    places: plays.map(({ id }) => places.get(id)!),
    classes: ["cell", answer.kind, ...signs].join(" "),
    by: [...new Set(plays.flatMap(({ service }) => service?.by ?? []))].join(" "),
    title: `${where}: ${[serviceInWords(first), ...words.slice(1)].join(", ")}`,
    text: words.join(", "),
    inTable: true,
  });
}

/** The sentence beside a row leads to the play that it is about. */
function whyMarkup(row: ServiceRow): Markup | undefined {
  const why = whyInWords(row);
  return why === undefined ? undefined : markup`<span data-of="${whyOf(row)?.subject}">${why}</span>`;
}

/** Every play by its grade; what passes although FTP fails has the shape of a known incompatibility. */
export const letterMarkup = (matrix: Matrix<PlayResult>, places: Places): Markup =>
  tableMarkup(matrix, {
    cell: (play) => {
      const known = isKnown(play) ? ["known"] : [];
      const flaky = play.flaky === undefined ? [] : ["flaky"];
      const words = [gradeStyle(play.grade).word, ...(known.length > 0 ? ["FTP fails"] : []), ...flaky];
      return playLink(play, {
        places: [places.get(play.id)!],
        classes: ["cell", play.grade, ...known, ...flaky].join(" "),
        title: `${columnName(play, matrix.varying)}: ${playInWords(play)}${flaky.length > 0 ? ", flaky" : ""}`,
        text: words.join(", "),
        inTable: true,
      });
    },
    caption: markup`<span class="cell passed"></span>as expected <span class="cell passed known"></span>as expected, and FTP fails <span class="cell failed"></span>not as expected. → client inside, ← server inside.`,
  });

interface Drawing<Cell> {
  readonly caption: Markup;
  cell(cell: Cell): Markup;
  /** The last column of a row. */
  rest?(row: MatrixRow<Cell>): Markup | undefined;
}

function tableMarkup<Cell>(matrix: Matrix<Cell>, { caption, cell, rest }: Drawing<Cell>): Markup {
  const same = matrix.constant.map(({ part, value }) => markup` <span><i>${part}</i> ${value}</span>`);
  const body = matrix.categories.map(
    ({ name, rows }) => markup`<tbody class="group">
<tr class="category"><th colspan="${matrix.columns.length + 1}" scope="rowgroup">${name}</th></tr>
${rows.map(
  (
    row,
  ) => markup`<tr class="row">${nameMarkup(row)}${row.cells.map((each, at) => cellMarkup(matrix.columns[at]!, each && cell(each)))}${restMarkup(rest?.(row))}</tr>
`,
)}</tbody>
`,
  );
  return markup`<table class="matrix">
<caption><span class="signs">${caption}</span>${same.length > 0 ? markup` <span class="constant">In all cells:${same}.</span>` : undefined}</caption>
${headMarkup(matrix)}
${body}</table>`;
}

const cellMarkup = ({ subject }: Column, content: Markup | undefined): Markup =>
  markup`<td data-of="${subject}">${content}</td>`;

const restMarkup = (content: Markup | undefined): Markup | undefined =>
  content === undefined ? undefined : markup`<td class="rest">${content}</td>`;

function headMarkup(matrix: Matrix<unknown>): Markup {
  const rows = headings(matrix).map((row, level) => {
    const corner = level === 0 ? markup`<th scope="col">scenario</th>` : markup`<td></td>`;
    let at = 0;
    const cells = row.map(({ text, span }) => {
      const { subject } = matrix.columns[at]!;
      at += span;
      const shown = matrix.varying[level] === "side" ? markup`<abbr title="${text}">${sideArrow(text)}</abbr>` : text;
      return markup`<th colspan="${span}" scope="${span > 1 ? "colgroup" : "col"}" data-of="${subject}">${shown}</th>`;
    });
    return markup`<tr>${corner}${cells}</tr>`;
  });
  return markup`<thead>${rows}</thead>`;
}

function nameMarkup({ scenario: { id, title, category }, variant }: MatrixRow<unknown>): Markup {
  const name = id.startsWith(`${category}/`) ? id.slice(category.length + 1) : id;
  const of = variant === undefined ? undefined : markup` <i>${variant}</i>`;
  return markup`<th scope="row" title="${id}"><b>${name}</b>${of} <span>${title}</span></th>`;
}
