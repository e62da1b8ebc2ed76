/**
 * The filter of a view. It takes words (all must occur in the row or in the cell's title), answers or grades, a subject and
 * who broke it. Cells that do not match fade; rows and groups without a match are hidden, and so are the columns of other
 * subjects.
 *
 * A row's texts are read once, so ten thousand cells are filtered between two key strokes.
 */
import { filterValue, viewInFront } from "./choice.ts";
import { elements } from "./element.ts";

interface Cell {
  readonly link: HTMLAnchorElement;
  readonly places: readonly number[];
  readonly subject: string;
  readonly text: string;
  shown: boolean;
  /** As it is drawn; a cell of a hidden row keeps its look until the row is shown. */
  faded: boolean;
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

interface Group {
  readonly element: HTMLElement;
  readonly rows: readonly Row[];
}

const groupsOf = new Map<HTMLElement, readonly Group[]>();

/** Of the view in front. */
function groups(): readonly Group[] {
  const view = viewInFront();
  let found = groupsOf.get(view);
  if (found === undefined) {
    found = elements<HTMLElement>(".group", view).map((group) => ({
      element: group,
      rows: elements<HTMLElement>(".row", group).map(rowOf),
    }));
    groupsOf.set(view, found);
  }
  return found;
}

const rows = (): readonly Row[] => groups().flatMap((group) => group.rows);

function rowOf(row: HTMLElement): Row {
  const name = row.querySelector("th");
  const cells = elements<HTMLAnchorElement>("a[data-places]", row).map((link): Cell => {
    const places = (link.dataset.places ?? "").split(" ").map(Number);
    const subject = link.closest<HTMLElement>("[data-of]")?.dataset.of ?? "";
    const text = `${link.title} ${decodeURIComponent(link.hash)}`.toLowerCase();
    return { link, places, subject, text, shown: true, faded: false };
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

export interface Count {
  /** Plays that fit. */
  readonly fit: number;
  readonly all: number;
}

/** Finds the cells of the view in front that fit. */
export function count(chosen: URLSearchParams): Count {
  const filter = filterOf(chosen);
  let [fit, all] = [0, 0];
  for (const row of rows()) {
    for (const cell of row.cells) {
      cell.shown = fits(cell, row, filter);
      all += cell.places.length;
      if (cell.shown) fit += cell.places.length;
    }
  }
  return { fit, all };
}

/** Shows what fits. */
export function applyFilter(chosen: URLSearchParams): Count {
  const counted = count(chosen);
  showColumns(filterValue("subject", chosen));
  waiting = [];
  for (const group of groups()) {
    const before = waiting.length;
    for (const row of group.rows) {
      if (row.cells.length === 0 || row.cells.some((cell) => cell.shown)) waiting.push(row);
      else hide(row.element, true);
    }
    hide(group.element, group.rows.length > 0 && waiting.length === before);
  }
  reveal();
  return counted;
}

/** So many rows appear before the browser draws; the others, which are out of sight, after it. */
const AT_ONCE = 150;
let waiting: Row[] = [];

function reveal(): void {
  for (const row of waiting.splice(0, AT_ONCE)) {
    hide(row.element, false);
    row.cells.forEach(fade);
  }
  if (waiting.length > 0) setTimeout(reveal);
}

/** Only where it changes something. A class is faster than `hidden`. */
function hide(one: Element, hidden: boolean): void {
  if (one.classList.contains("out") !== hidden) one.classList.toggle("out", hidden);
}

function fade(cell: Cell): void {
  if (cell.faded !== cell.shown) return;
  cell.faded = !cell.shown;
  cell.link.classList.toggle("off", cell.faded);
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
  const number = table.querySelector("thead")?.lastElementChild?.querySelectorAll(own).length;
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
