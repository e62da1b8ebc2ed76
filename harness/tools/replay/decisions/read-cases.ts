/**
 * Decision cases out of files: JSON lines, plain or compressed.
 */

import { gunzipSync } from "node:zlib";
import type { DecisionCase } from "./case.ts";

/** @throws SyntaxError if a line is no JSON. */
export function readCases(contents: Uint8Array): DecisionCase[] {
  // RFC 1952: the first two bytes of gzip.
  const compressed = contents[0] === 0x1f && contents[1] === 0x8b;
  const text = new TextDecoder().decode(compressed ? gunzipSync(contents) : contents);
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as DecisionCase);
}
