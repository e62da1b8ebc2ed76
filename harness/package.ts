/**
 * Where the files of this package are. A checkout runs its sources; an installed package runs what `npm run build`
 * compiled into dist/, one folder deeper. Files that are not modules (vm/, docs/, package.json) are in the same place
 * in both.
 *
 * @example
 * readFile(packageFile("vm/pf/divert-to/forward.conf"))
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const RUNS_SOURCES = import.meta.url.endsWith(".ts");

const ROOT = new URL(RUNS_SOURCES ? "../" : "../../", import.meta.url);

export const packageFile = (path: string): URL => new URL(path, ROOT);

/** The version of this package. */
export function version(): string {
  const text = readFileSync(packageFile("package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** The words of a command line that runs a module of ours as a program: `harness/subjects/x.ts`. */
export function programWords(module: string): string[] {
  const built = packageFile(`dist/${module.replace(/ts$/, "js")}`);
  return RUNS_SOURCES
    ? [process.execPath, "--import", import.meta.resolve("tsx"), fileURLToPath(packageFile(module))]
    : [process.execPath, fileURLToPath(built)];
}
