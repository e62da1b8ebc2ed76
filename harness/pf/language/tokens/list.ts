/**
 * `x` or `{ x, y z }`: the list that nearly every clause of pf.conf(5) allows. Commas are optional, newlines may stand
 * after `{` and after each item, an empty list or a comma before `}` is a syntax error.
 */

import type { Reader } from "./reader.ts";

export function newlines(reader: Reader): void {
  while (reader.accept("\n"));
}

/** Reads the items after `{` up to and with `}`. */
export function braced(reader: Reader, item: () => void): void {
  newlines(reader);
  for (;;) {
    item();
    newlines(reader);
    if (reader.accept(",")) continue;
    if (reader.accept("}")) return;
  }
}

export function oneOrList(reader: Reader, item: () => void): void {
  if (reader.accept("{")) braced(reader, item);
  else item();
}

/** `(a, b c)` after the `(`, up to and with the `)`; no newlines here. */
export function parenthesised(reader: Reader, item: () => void): void {
  for (;;) {
    item();
    if (reader.accept(",")) continue;
    if (reader.accept(")")) return;
  }
}
