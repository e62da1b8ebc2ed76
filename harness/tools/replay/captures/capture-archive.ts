/**
 * Many capture files in one: gzip'd JSON of names and texts (Latin-1, one character per byte).
 *
 * @example
 * const captures = await readArchive(new URL("./real-ftp-proxy.json.gz", import.meta.url));
 * captures.get("quirks/port-canonical.txt");
 */

import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";

export async function readArchive(location: string | URL): Promise<ReadonlyMap<string, string>> {
  const json: unknown = JSON.parse(gunzipSync(await readFile(location)).toString("utf8"));
  if (typeof json !== "object" || json === null) throw new Error(`${location}: no archive of captures`);
  return new Map(Object.entries(json).map(([name, text]) => [name, String(text)]));
}
