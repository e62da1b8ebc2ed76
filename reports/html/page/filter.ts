/**
 * The filter of the matrix: by words (all must occur in scenario, column or reason), by grade, by subject.
 * Cells that do not match fade; rows and categories with no match are hidden.
 */
import { cells, element } from "./elements.ts";

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
  // A reload keeps what was typed: so does the matrix.
  apply();
}
