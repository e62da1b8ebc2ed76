/**
 * The matrix on the page: its cells, the filter, the keys.
 *
 * The filter takes words (all must occur in scenario, column or reason), grades and a subject. Cells that do not match
 * fade; rows and categories without a match are hidden. Arrows, Home and End go from cell to cell, Tab leaves the
 * matrix, so that thousands of cells are one stop for the keyboard. `/` goes to the filter.
 */

/** An element that the document must have. */
export function element<E extends Element>(selector: string, within: ParentNode = document): E {
  const found = within.querySelector<E>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

export function cells(): HTMLAnchorElement[] {
  return [...document.querySelectorAll<HTMLAnchorElement>("a.cell")];
}

/** Cells that the filter lets through, in the order of the matrix. */
export function shownCells(): HTMLAnchorElement[] {
  return cells().filter((cell) => !cell.classList.contains("off"));
}

export function startFilter(changed: () => void): void {
  const text = element<HTMLInputElement>("#filter-text");
  const subject = element<HTMLSelectElement>("#filter-subject");
  const grades = [...document.querySelectorAll<HTMLButtonElement>("[data-grade]")];
  const haystacks = new Map<Element, string>();

  const apply = (): void => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = grades.filter((button) => button.ariaPressed === "true").map((button) => button.dataset.grade ?? "");
    const any = words.length === 0 && wanted.length === 0 && subject.value === "";
    let matching = 0;
    for (const cell of cells()) {
      const gradeFits = wanted.length === 0 || wanted.some((grade) => cell.classList.contains(grade));
      const subjectFits = subject.value === "" || cell.dataset.subject === subject.value;
      const fits = gradeFits && subjectFits && words.every((word) => haystack(cell).includes(word));
      cell.classList.toggle("off", !fits);
      if (fits) matching += 1;
    }
    for (const row of document.querySelectorAll<HTMLElement>(".matrix tbody tr:not(.category)")) {
      row.hidden = !any && row.querySelector("a.cell:not(.off)") === null;
    }
    for (const body of document.querySelectorAll<HTMLElement>(".matrix tbody")) {
      body.hidden = body.querySelector("tr:not(.category):not([hidden])") === null;
    }
    element("#filter-count").textContent = any ? "" : `${matching} of ${cells().length} plays`;
    changed();
  };

  function haystack(cell: HTMLAnchorElement): string {
    let found = haystacks.get(cell);
    if (found === undefined) {
      const scenario = cell.closest("tr")?.querySelector("th");
      const address = decodeURIComponent(cell.hash);
      found = `${scenario?.title} ${scenario?.textContent} ${cell.title} ${address}`.toLowerCase();
      haystacks.set(cell, found);
    }
    return found;
  }

  text.addEventListener("input", apply);
  subject.addEventListener("change", apply);
  for (const button of grades) {
    button.addEventListener("click", () => {
      button.ariaPressed = button.ariaPressed === "true" ? "false" : "true";
      apply();
    });
  }
  // A reload keeps the typed words, so the filter applies at once.
  apply();
}

export function startKeys(): void {
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
