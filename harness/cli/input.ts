/** Files that commands read: `-` is standard input; what cannot be read is wrong use, not a fault. */

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { InterfacesError } from "../pf/interfaces/interfaces-error.ts";
import { parseInterfaces } from "../pf/interfaces/parse-interfaces.ts";
import type { Interface } from "../pf/ruleset.ts";
import { UsageError } from "./usage-error.ts";

/** Bytes stay bytes: pf.conf has no encoding. */
export function readInput(path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "latin1");
  } catch (error) {
    throw new UsageError(`${path}: ${reasonOf(error)}`);
  }
}

/** What messages call it. */
export const inputName = (path: string): string => (path === "-" ? "stdin" : path);

/** Undefined if no file was named. */
export function readInterfaces(path: string | undefined): readonly Interface[] | undefined {
  if (path === undefined) return undefined;
  try {
    return parseInterfaces(readInput(path));
  } catch (error) {
    if (!(error instanceof InterfacesError)) throw error;
    throw new UsageError(`${path}${error.line === undefined ? "" : `:${error.line}`}: ${error.message}`);
  }
}

/** For `include` and tables in files: names are looked up from here, then beside the file that names them. */
export function fileReader(beside: string): (path: string) => string | undefined {
  return (path) => {
    for (const candidate of [path, resolve(dirname(beside), path)]) {
      try {
        return readFileSync(candidate, "latin1");
      } catch {
        // The next place, or nowhere.
      }
    }
    return undefined;
  };
}

/** In the words of strerror(3). */
function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "No such file or directory";
    case "EACCES":
      return "Permission denied";
    case "EISDIR":
      return "Is a directory";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
