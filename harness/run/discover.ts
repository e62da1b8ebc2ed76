/**
 * Finds what lies in a folder: labs, subjects, scenarios. Adding one is adding a file; nothing
 * needs to be registered.
 */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Something in a folder is not what the folder is for. */
export class DiscoveryError extends Error {
  override readonly name = "DiscoveryError";
  readonly file: string;

  constructor(file: string, message: string, cause?: unknown) {
    super(`${file}: ${message}`, { cause });
    this.file = file;
  }
}

const isModule = (name: string): boolean => /\.(ts|mts|js|mjs)$/.test(name) && !/\.(test|d)\.m?ts$/.test(name);

/** Modules below a folder, sorted by path. `leave`: folder names that are not entered. */
export async function modulesIn(folder: string, leave: readonly string[] = []): Promise<string[]> {
  const found: string[] = [];
  const visit = async (path: string) => {
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inner = join(path, entry.name);
      if (entry.isDirectory() && !leave.includes(entry.name) && !entry.name.startsWith(".")) await visit(inner);
      else if (entry.isFile() && isModule(entry.name)) found.push(inner);
    }
  };
  await visit(folder);
  return found;
}

/** The default export of a module; `what` names it in errors, `is` recognises it. */
export async function loadDefault<T>(file: string, what: string, is: (value: unknown) => value is T): Promise<T> {
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  } catch (error) {
    throw new DiscoveryError(
      file,
      `cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
  if (!is(module.default)) throw new DiscoveryError(file, `has no ${what} as its default export`);
  return module.default;
}

export const hasFields = (value: unknown, fields: readonly string[]): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && fields.every((field) => field in value);
