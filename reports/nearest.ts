/**
 * Names that were perhaps meant.
 *
 * @example
 * nearest("pasv-227-no-paren", names) // ["pasv-227-no-parens", …]
 */

const MOST = 3;

/** Best first; those that differ in less than half of their letters. */
export function nearest(wanted: string, names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, changes: changesBetween(wanted, name) }))
    .filter(({ name, changes }) => changes < Math.max(wanted.length, name.length) / 2)
    .sort((a, b) => a.changes - b.changes)
    .slice(0, MOST)
    .map(({ name }) => name);
}

/** `did you mean active/port? `, before what else helps; empty if nothing is near. */
export const didYouMean = (close: readonly string[]): string =>
  close.length === 0 ? "" : `did you mean ${close.join(", ")}? `;

/** Letters to add, remove, replace, or swap with the next one (Damerau and Levenshtein). */
function changesBetween(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...a].entries()) {
    const next = [line + 1];
    for (let column = 1; column <= b.length; column++) {
      const replaced = row[column - 1]! + (b[column - 1] === letter ? 0 : 1);
      const swapped = letter === b[column - 2] && a[line - 1] === b[column - 1] ? before[column - 2]! + 1 : replaced;
      next.push(Math.min(row[column]! + 1, next[column - 1]! + 1, replaced, swapped));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
