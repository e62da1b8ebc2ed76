/**
 * The filter of a view. It takes words (all must occur in the row or in the cell's title), answers or grades, a subject and
 * who broke it. Cells that do not match fade; rows and groups without a match are hidden, and so are the columns of other
 * subjects.
 *
 * A row's texts are read once, so ten thousand cells are filtered between two key strokes.
 */
import { filterValue, viewInFront } from "./choice.ts";
import { element, elements } from "./element.ts";

interface Cell {
  readonly link: HTMLAnchorElement;
  readonly places: readonly number[];
  readonly subject: string;
  readonly text: string;
  shown: boolean;
}

interface Row {
  readonly element: HTMLElement;
  readonly text: string;
  readonly cells: readonly Cell[];
}

interface Filter {
  readonly kinds: readonly string[];
  readonly signs: readonly string[];
  readonly subject: string;
  readonly by: string;
  readonly words: readonly string[];
}

const rowsOf = new Map<HTMLElement, readonly Row[]>();

/** Of the view in front. */
function rows(): readonly Row[] {
  const view = viewInFront();
  let found = rowsOf.get(view);
  if (found === undefined) {
    found = elements<HTMLElement>(".row", view).map(rowOf);
    rowsOf.set(view, found);
  }
  return found;
}

function rowOf(row: HTMLElement): Row {
  const name = row.querySelector("th");
  const cells = elements<HTMLAnchorElement>("a[data-places]", row).map((link): Cell => {
    const places = (link.dataset.places ?? "").split(" ").map(Number);
    const subject = link.closest<HTMLElement>("[data-of]")?.dataset.of ?? "";
    const text = `${link.title} ${decodeURIComponent(link.hash)}`.toLowerCase();
    return { link, places, subject, text, shown: !link.classList.contains("off") };
  });
  const text = name === null ? row.textContent : `${name.title} ${name.textContent}`;
  return { element: row, text: (text ?? "").toLowerCase(), cells };
}

/** Signs beside an answer: of these all that are chosen must fit, of the answers one. */
const SIGNS = ["harm", "new", "flaky"];

function filterOf(chosen: URLSearchParams): Filter {
  const only = chosen.getAll("only");
  return {
    kinds: only.filter((one) => !SIGNS.includes(one)),
    signs: only.filter((one) => SIGNS.includes(one)),
    subject: filterValue("subject", chosen),
    by: filterValue("by", chosen),
    words: filterValue("find", chosen).toLowerCase().split(/\s+/).filter(Boolean),
  };
}

function fits(cell: Cell, row: Row, { kinds, signs, subject, by, words }: Filter): boolean {
  const { link, text } = cell;
  return (
    words.every((word) => row.text.includes(word) || text.includes(word)) &&
    (kinds.length === 0 || kinds.some((kind) => link.classList.contains(kind))) &&
    signs.every((sign) => link.classList.contains(sign)) &&
    (subject === "" || cell.subject === subject) &&
    (by === "" || (link.dataset.by ?? "").split(" ").includes(by))
  );
}

/** How many plays of the view in front fit, and how many there are. */
export function count(chosen: URLSearchParams): { readonly fit: number; readonly all: number } {
  const filter = filterOf(chosen);
  let [fit, all] = [0, 0];
  for (const row of rows()) {
    for (const cell of row.cells) {
      all += cell.places.length;
      if (fits(cell, row, filter)) fit += cell.places.length;
    }
  }
  return { fit, all };
}

export function applyFilter(chosen: URLSearchParams): void {
  const filter = filterOf(chosen);
  showColumns(filter.subject);
  for (const row of rows()) {
    let any = row.cells.length === 0;
    for (const cell of row.cells) {
      const shown = fits(cell, row, filter);
      any ||= shown;
      if (shown === cell.shown) continue;
      cell.shown = shown;
      cell.link.classList.toggle("off", !shown);
    }
    if (row.element.hidden === any) row.element.hidden = !any;
  }
  for (const group of elements<HTMLElement>(".group:not(.row)", viewInFront())) {
    const inIt = elements<HTMLElement>(".row", group);
    group.hidden = inIt.length > 0 && inIt.every((row) => row.hidden);
  }
}

const columns = new CSSStyleSheet();
document.adoptedStyleSheets = [columns];

/** Hides the columns of other subjects by one rule, whatever the number of cells. */
function showColumns(subject: string): void {
  const table = viewInFront().querySelector("table.matrix");
  if (subject === "" || table === null) {
    columns.replaceSync("");
    return;
  }
  const own = `[data-of="${CSS.escape(subject)}"]`;
  const number = elements(`thead tr:last-child ${own}`, table).length;
  columns.replaceSync(`.matrix [data-of]:not(${own}) { display: none } .matrix { --columns: ${number} !important }`);
}

/** Shown cells of the view in front, in the order of the page. */
export const shownCells = (): HTMLAnchorElement[] =>
  rows().flatMap(({ cells }) => cells.flatMap(({ link, shown }) => (shown ? [link] : [])));

/** Plays behind the shown cells, by their places. */
export const shownPlaces = (): number[] =>
  rows().flatMap(({ cells }) => cells.flatMap(({ places, shown }) => (shown ? places : [])));

export function cellAt(place: number): HTMLAnchorElement | undefined {
  for (const { cells } of rows()) {
    const found = cells.find(({ places }) => places.includes(place));
    if (found !== undefined) return found.link;
  }
  return undefined;
}

/** Addresses of the plays, by place: the second view has a cell for each. */
export const hrefs = elements<HTMLAnchorElement>("a.cell", element("#view-letter")).map(
  (cell) => cell.getAttribute("href") ?? "",
);
