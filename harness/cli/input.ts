/**
 * Files that the user names: pf.conf, interfaces, results.json, times.json; `-` is standard input. A file that cannot
 * be read or understood is wrong use (UsageError), with its name, and its line where there is one.
 */

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { InterfacesError, parseInterfaces } from "../pf/parse-interfaces.ts";
import type { Interface } from "../pf/ruleset.ts";
import { UsageError } from "./exit-status.ts";

/** One character a byte, as pf.conf has no encoding; `utf8` for files of ours. */
export function readInput(path: string, encoding: "latin1" | "utf8" = "latin1"): string {
  try {
    return readFileSync(path === "-" ? 0 : path, encoding);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${reasonOf(error)}`);
  }
}

/** times.json of a run: milliseconds, by cell. */
export function readTimes(path: string): Map<string, number> {
  try {
    return new Map(Object.entries(JSON.parse(readInput(path, "utf8")) as Record<string, number>));
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`${path} is not JSON: ${error.message}`);
    throw error;
  }
}

/** The name in messages. */
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

/** Reads what pf.conf includes: relative to the working directory, else to the folder of `beside`. */
export function fileReader(beside: string): (path: string) => string | undefined {
  return (path) => {
    for (const candidate of [path, resolve(dirname(beside), path)]) {
      try {
        return readFileSync(candidate, "latin1");
      } catch {
        // Not there: try the next folder.
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
