/** The elements that the document promises; a missing one is a mistake of ours, told by name. */
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
