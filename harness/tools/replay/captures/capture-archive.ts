/**
 * Reads capture archives: text files in the txtar format, many captures in one. A line `-- NAME --`
 * begins each capture, which runs to the next such line. Texts are Latin-1: one character per byte.
 *
 * @example
 * const captures = await readCaptures(OWN_CAPTURES);
 * captures.get("captures/quirks/port-canonical.txt");
 */

import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFile } from "../../../package.ts";

/** The captures that sources name. */
export const OWN_CAPTURES = fileURLToPath(packageFile("docs/reference/captures"));

/** Text before the first `-- NAME --` is a comment. */
export function parseArchive(text: string): ReadonlyMap<string, string> {
  const [, ...parts] = text.split(/^-- (\S+) --\n/m);
  const captures = new Map<string, string>();
  for (let at = 0; at < parts.length; at += 2) captures.set(parts[at] ?? "", parts[at + 1] ?? "");
  return captures;
}

/** One archive, or a folder's archives and `.txt` files at any depth, by path in order. */
export async function readCaptures(location: string): Promise<ReadonlyMap<string, string>> {
  if ((await stat(location)).isFile()) return parseArchive(await readFile(location, "latin1"));
  const found = await readdir(location, { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const captures: [string, string][] = [];
  for (const path of paths.sort()) {
    if (path.endsWith(".txtar")) captures.push(...parseArchive(await readFile(path, "latin1")));
    else if (path.endsWith(".txt")) captures.push([nameIn(location, path), await readFile(path, "latin1")]);
  }
  return new Map(captures);
}

const nameIn = (folder: string, path: string): string => relative(folder, path).split(sep).join("/");
