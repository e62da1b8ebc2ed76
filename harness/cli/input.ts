/**
 * Files that the user names: pf.conf, interfaces, results.json, times.json; `-` is standard input. A file that cannot
 * be read or understood is wrong use (UsageError), with its name, and its line where there is one.
 */

import { readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { InterfacesError, parseInterfaces } from "../pf/parse-interfaces.ts";
import type { Interface } from "../pf/ruleset.ts";
import type { ReadOptions } from "../tools/lint/read-rules.ts";
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
    const times: unknown = JSON.parse(readInput(path, "utf8"));
    const isTimes =
      typeof times === "object" && times !== null && Object.values(times).every((one) => typeof one === "number");
    if (!isTimes) throw new UsageError(`${path} is no times.json: it should have milliseconds by cell`);
    return new Map(Object.entries(times as Record<string, number>));
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

/** Largest file that a rule set may include: pfctl's kernel takes no table of more entries than fit. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * Reads what pf.conf includes: relative to the working directory, else to the folder of `beside`. With `root`, a copy
 * of the firewall's file system or of its /etc, absolute paths are there and nowhere else. Devices are not read.
 */
export function fileReader(beside: string, root?: string): (path: string) => string | undefined {
  return (path) => {
    const candidates =
      root !== undefined && isAbsolute(path)
        ? [join(root, path), join(root, path.replace(/^\/(?:private\/)?etc\//, ""))]
        : [path, resolve(dirname(beside), path)];
    for (const candidate of candidates) {
      try {
        const found = statSync(candidate);
        if (found.isFile() && found.size <= MAX_FILE_BYTES) return readFileSync(candidate, "latin1");
      } catch {
        // Not there: try the next folder.
      }
    }
    return undefined;
  };
}

/** What `-D`, `--root` and `--interfaces` say of the firewall that a rule set is from. */
export interface FirewallOptions {
  readonly define?: Readonly<Record<string, string>>;
  readonly root?: string;
  readonly interfaces?: string;
}

/** For the tools that read rules. `path` is that of the pf.conf. */
export function firewallOf(path: string, { define, root, interfaces: file }: FirewallOptions): Surroundings {
  const interfaces = readInterfaces(file);
  return {
    readFile: fileReader(path, root),
    ...(define && { defines: define }),
    ...(interfaces && { interfaces }),
  };
}

type Surroundings = Pick<ReadOptions, "readFile" | "defines" | "interfaces">;

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
