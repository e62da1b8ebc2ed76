/**
 * Finds and loads the labs, subjects and scenarios of a folder. A new one is a new file, registered nowhere.
 *
 * @example
 * for (const file of await modulesIn(folder)) await loadDefault(file, "subject", isSubject);
 */

import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { AnchorageError } from "../contract/errors.ts";
import { prepareForeignModules } from "./foreign-modules.ts";

/** The sources of a checkout, or the folder dist/ of a package. */
const PACKAGE_CODE = fileURLToPath(new URL("../..", import.meta.url));

/** A file or folder that cannot be used: it does not load, or exports something else. */
export class DiscoveryError extends AnchorageError {
  override readonly name = "DiscoveryError";
  readonly file: string;

  constructor(file: string, message: string, cause?: unknown) {
    super(`${file}: ${message}`, { cause });
    this.file = file;
  }
}

const isModule = (name: string): boolean =>
  /\.([cm]?ts|[cm]?js)$/.test(name) && !/\.(test|fixture|d)\.[cm]?[jt]s$/.test(name);

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

const isWithin = (folder: string, file: string): boolean => !/^\.\.(?:[\\/]|$)/.test(relative(folder, file));

/** The default export of a module; `what` names it in errors, `is` recognises it. */
export async function loadDefault<T>(file: string, what: string, is: (value: unknown) => value is T): Promise<T> {
  const found = await defaultOf(file);
  if (!is(found)) throw new DiscoveryError(file, `has no ${what} as its default export`);
  return found;
}

/** The default export of a module, whatever it is. */
export async function defaultOf(file: string): Promise<unknown> {
  let module: { readonly default?: unknown };
  try {
    if (!isWithin(PACKAGE_CODE, file)) await prepareForeignModules(file);
    module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  } catch (error) {
    throw new DiscoveryError(
      file,
      `cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
  // CommonJS that a compiler made of `export default` has it one floor deeper.
  return hasFields(module.default, ["__esModule", "default"]) ? module.default.default : module.default;
}

export const hasFields = (value: unknown, fields: readonly string[]): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && fields.every((field) => field in value);
