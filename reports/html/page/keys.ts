/**
 * The keys of the page. Arrows, Home and End go from cell to cell; Tab leaves the matrix, so that thousands of cells are one
 * stop for the keyboard. Left and right go from tab to tab. `/` goes to the words, Escape from a play to the matrix.
 */
import { viewInFront } from "./choice.ts";
import { element, elements } from "./element.ts";
import { shownCells } from "./filter.ts";

type Cell = HTMLAnchorElement;

export function startKeys(): void {
  const matrix = element<HTMLElement>("#matrix");
  matrix.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = event.target as Element;
    const cell = target.closest<Cell>("a.cell");
    const tab = target.closest<HTMLButtonElement>("[data-view]");
    const next = cell !== null ? cellBeside(cell, event.key) : tab !== null ? tabBeside(tab, event.key) : undefined;
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
    if (tab !== null) next.click();
  });
  matrix.addEventListener("focusin", (event) => {
    const cell = (event.target as Element).closest<Cell>("a.cell");
    if (cell !== null) holdTab(cell);
  });
  document.addEventListener("keydown", (event) => {
    const typing = (event.target as Element).closest("input, select, textarea") !== null;
    if (event.key === "/" && !typing && !matrix.hidden) {
      event.preventDefault();
      if (element<HTMLButtonElement>("button.more").ariaExpanded !== "true")
        element<HTMLElement>("button.more").click();
      element<HTMLInputElement>("[data-filter=find]").focus();
    }
    if (event.key === "Escape" && matrix.hidden) location.hash = "";
  });
}

/** The cell of a view that Tab reaches. */
const held = new Map<HTMLElement, Cell>();

/** The first that is shown, until another has had the focus. */
export function resetTab(): void {
  const cell = held.get(viewInFront());
  const shown = shownCells();
  if (cell !== undefined && shown.includes(cell)) return;
  const [first] = shown;
  if (first?.classList.contains("cell") === true) holdTab(first);
}

function holdTab(cell: Cell): void {
  const view = viewInFront();
  const before = held.get(view);
  if (before !== undefined) before.tabIndex = -1;
  held.set(view, cell);
  cell.tabIndex = 0;
}

function tabBeside(tab: HTMLElement, key: string): HTMLElement | undefined {
  const tabs = elements<HTMLElement>("[data-view]");
  const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
  return step === 0 ? undefined : tabs.at((tabs.indexOf(tab) + step) % tabs.length);
}

function cellBeside(cell: Cell, key: string): Cell | undefined {
  const shown = shownCells();
  const at = shown.indexOf(cell);
  const column = (cell.closest("td") as HTMLTableCellElement).cellIndex;
  const row = cell.closest("tr");
  const below = (candidates: Cell[]): Cell | undefined =>
    candidates.find((each) => each.closest("tr") !== row && each.closest("td")?.cellIndex === column);
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
