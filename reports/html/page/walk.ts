/**
 * Keys in the matrix: arrows, Home and End go from cell to cell, and Tab leaves it, so that a matrix of thousands is
 * one stop for the keyboard. `/` goes to the filter.
 */
import { element, shownCells } from "./elements.ts";

export function startWalk(): void {
  const table = element<HTMLTableElement>(".matrix");
  table.addEventListener("keydown", (event) => {
    const cell = (event.target as Element).closest<HTMLAnchorElement>("a.cell");
    const next =
      cell === null || event.altKey || event.ctrlKey || event.metaKey ? undefined : neighbour(cell, event.key);
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  });
  table.addEventListener("focusin", (event) => {
    const cell = (event.target as Element).closest<HTMLAnchorElement>("a.cell");
    if (cell !== null) holdTab(cell);
  });
  document.addEventListener("keydown", (event) => {
    const typing = (event.target as Element).closest("input, select, textarea") !== null;
    if (event.key !== "/" || typing || element<HTMLElement>("#matrix").hidden) return;
    event.preventDefault();
    element<HTMLInputElement>("#filter-text").focus();
  });
  resetTab();
}

/** One cell can be reached by Tab: the first that is shown, until another has had the focus. */
export function resetTab(): void {
  const shown = shownCells();
  const [first] = shown;
  if (first !== undefined && !shown.some((cell) => cell.tabIndex === 0 && cell.dataset.held !== undefined))
    holdTab(first);
}

let held: HTMLAnchorElement | undefined;

function holdTab(cell: HTMLAnchorElement): void {
  if (held === undefined) for (const each of document.querySelectorAll<HTMLAnchorElement>("a.cell")) each.tabIndex = -1;
  else {
    held.tabIndex = -1;
    delete held.dataset.held;
  }
  held = cell;
  cell.tabIndex = 0;
  cell.dataset.held = "";
}

function neighbour(cell: HTMLAnchorElement, key: string): HTMLAnchorElement | undefined {
  const shown = shownCells();
  const at = shown.indexOf(cell);
  const column = (cell.closest("td") as HTMLTableCellElement).cellIndex;
  const below = (candidates: HTMLAnchorElement[]): HTMLAnchorElement | undefined => {
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
