/**
 * The matrix on the page: its two views, their filters, the keys.
 *
 * A filter takes words (all must occur in scenario, column or reason), answers or grades, a subject and who broke it. Its
 * state is in the query of the address (`?view=letter&only=failed`), so that a link shows what its sender saw. Cells that
 * do not match fade; rows and categories without a match are hidden. Arrows, Home and End go from cell to cell, Tab
 * leaves the matrix, so that thousands of cells are one stop for the keyboard. `/` goes to the words.
 */

/** An element that the document must have. */
export function element<E extends Element>(selector: string, within: ParentNode = document): E {
  const found = within.querySelector<E>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

type Cell = HTMLAnchorElement;
type Field = HTMLInputElement | HTMLSelectElement;

const all = <E extends HTMLElement>(selector: string, within: ParentNode = document): E[] => [
  ...within.querySelectorAll<E>(selector),
];

export const cellsIn = (view: "service" | "letter"): Cell[] => all<Cell>(`#view-${view} a.cell`);

/** Cells of the view in front that the filter lets through, in the order of the matrix. */
export const shownCells = (): Cell[] => all<Cell>("a.cell:not(.off)", viewInFront());

const viewInFront = (): HTMLElement => element<HTMLElement>(".view:not([hidden])");

export const placesOf = (cell: Cell): number[] => (cell.dataset.places ?? "").split(" ").map(Number);

/** Plays behind the shown cells, by their places. */
export const shownPlaces = (): number[] => shownCells().flatMap(placesOf);

export const cellAt = (place: number): Cell | undefined =>
  all<Cell>("a.cell", viewInFront()).find((cell) => placesOf(cell).includes(place));

export function startFilter(): void {
  const fields = all<Field>("[data-filter]");
  const buttons = all<HTMLButtonElement>("[data-only]");
  const tabs = all<HTMLButtonElement>("[data-view]");
  element<HTMLElement>(".tabs").hidden = false;

  const pressed = (): HTMLButtonElement[] =>
    all<HTMLButtonElement>("[data-only]", viewInFront()).filter((button) => button.ariaPressed === "true");

  function show(view: string): void {
    for (const tab of tabs) {
      const front = tab.dataset.view === view;
      tab.ariaSelected = String(front);
      element<HTMLElement>(`#view-${tab.dataset.view}`).hidden = !front;
    }
    const by = element<HTMLSelectElement>("[data-filter=by]");
    (by.parentElement as HTMLElement).hidden = view === "letter";
  }

  function apply(): void {
    const view = viewInFront();
    const wanted = query();
    const cells = all<Cell>("a.cell", view);
    for (const cell of cells) cell.classList.toggle("off", !fits(cell, wanted));
    const any = [...wanted.keys()].every((key) => key === "view");
    for (const row of all("tbody tr:not(.category)", view)) {
      row.hidden = !any && row.querySelector("a.cell:not(.off)") === null;
    }
    for (const body of all(".matrix tbody", view)) {
      body.hidden = body.querySelector("tr:not(.category):not([hidden])") === null;
    }
    element("#filter-count").textContent = any
      ? ""
      : `${shownPlaces().length} of ${cells.flatMap(placesOf).length} plays`;
    resetTab();
  }

  /** What is chosen, as in the address. */
  function query(): URLSearchParams {
    const wanted = new URLSearchParams();
    if (viewInFront().id === "view-letter") wanted.set("view", "letter");
    for (const button of pressed()) wanted.append("only", button.dataset.only ?? "");
    for (const field of fields) {
      const hidden = (field.parentElement as HTMLElement).hidden;
      if (field.value.trim() !== "" && !hidden) wanted.set(field.dataset.filter ?? "", field.value.trim());
    }
    return wanted;
  }

  function changed(): void {
    apply();
    const text = query().toString();
    history.replaceState(null, "", `${location.pathname}${text === "" ? "" : `?${text}`}${location.hash}`);
  }

  const given = new URLSearchParams(location.search);
  show(given.get("view") === "letter" ? "letter" : "service");
  for (const field of fields) field.value = given.get(field.dataset.filter ?? "") ?? "";
  for (const button of all<HTMLButtonElement>("[data-only]", viewInFront()))
    button.ariaPressed = String(given.getAll("only").includes(button.dataset.only ?? ""));
  for (const field of fields) field.addEventListener("input", changed);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.ariaPressed = button.ariaPressed === "true" ? "false" : "true";
      changed();
    });
  }
  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      show(tab.dataset.view ?? "");
      changed();
    });
  }
  apply();
}

/** One of the chosen answers; of `harm` and `new`, all that are chosen. */
function fits(cell: Cell, wanted: URLSearchParams): boolean {
  const only = wanted.getAll("only");
  const signs = only.filter((one) => ["harm", "new"].includes(one));
  const kinds = only.filter((one) => !signs.includes(one));
  const [subject, by] = [wanted.get("subject"), wanted.get("by")];
  const words = (wanted.get("find") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return (
    (kinds.length === 0 || kinds.some((kind) => cell.classList.contains(kind))) &&
    signs.every((sign) => cell.classList.contains(sign)) &&
    (subject === null || cell.dataset.subject === subject) &&
    (by === null || (cell.dataset.by ?? "").split(" ").includes(by)) &&
    words.every((word) => haystack(cell).includes(word))
  );
}

const haystacks = new Map<Element, string>();

function haystack(cell: Cell): string {
  let found = haystacks.get(cell);
  if (found === undefined) {
    const row = cell.closest("tr");
    const scenario = row?.querySelector("th");
    const address = decodeURIComponent(cell.hash);
    found = `${scenario?.title} ${scenario?.textContent} ${cell.title} ${address}`.toLowerCase();
    haystacks.set(cell, found);
  }
  return found;
}

export function startKeys(): void {
  const matrix = element<HTMLElement>("#matrix");
  matrix.addEventListener("keydown", (event) => {
    const cell = (event.target as Element).closest<Cell>("a.cell");
    const next =
      cell === null || event.altKey || event.ctrlKey || event.metaKey ? undefined : neighbour(cell, event.key);
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  });
  matrix.addEventListener("focusin", (event) => {
    const cell = (event.target as Element).closest<Cell>("a.cell");
    if (cell !== null) holdTab(cell);
  });
  document.addEventListener("keydown", (event) => {
    const typing = (event.target as Element).closest("input, select, textarea") !== null;
    if (event.key !== "/" || typing || matrix.hidden) return;
    event.preventDefault();
    element<HTMLInputElement>("[data-filter=find]").focus();
  });
}

/** One cell can be reached by Tab: the first that is shown, until another has had the focus. */
function resetTab(): void {
  const shown = shownCells();
  const [first] = shown;
  if (first !== undefined && !shown.some((cell) => cell === held)) holdTab(first);
}

let held: Cell | undefined;

function holdTab(cell: Cell): void {
  if (held === undefined) for (const each of all<Cell>("a.cell")) each.tabIndex = -1;
  else held.tabIndex = -1;
  held = cell;
  cell.tabIndex = 0;
}

function neighbour(cell: Cell, key: string): Cell | undefined {
  const shown = shownCells();
  const at = shown.indexOf(cell);
  const column = (cell.closest("td") as HTMLTableCellElement).cellIndex;
  const below = (candidates: Cell[]): Cell | undefined => {
    const row = cell.closest("tr");
    return candidates.find((each) => each.closest("tr") !== row && each.closest("td")?.cellIndex === column);
  };
  switch (key) {
    case "ArrowRight":
      return shown[at + 1];
    case "ArrowLeft":
      return shown[at - 1];
    case "ArrowDown":
      return below(shown.slice(at + 1));
    case "ArrowUp":
      return below(shown.slice(0, Math.max(0, at)).reverse());
    case "Home":
      return shown[0];
    case "End":
      return shown.at(-1);
    default:
      return undefined;
  }
}
