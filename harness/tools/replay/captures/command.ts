/**
 * `anchorage replay-captures DIR`: plays every capture below a folder (or in an archive) against our
 * proxy, prints for each whether ours agrees and the first difference, and ends on
 * `N of M cases agree`. Exit status 0 only when all that apply do, and at least one does.
 *
 * @example
 * const status = await replayCapturesCommand("captures", { json: false, write: (text) => process.stdout.write(text) });
 */

import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { readArchive } from "./capture-archive.ts";
import { type ReplayResult, replayCapture } from "./replay.ts";

export interface ReplayCommandOptions {
  /** One JSON object per line instead of text. */
  readonly json: boolean;
  readonly write: (text: string) => void;
}

export async function replayCapturesCommand(directory: string, options: ReplayCommandOptions): Promise<number> {
  let agree = 0;
  let apply = 0;
  for (const [name, text] of await capturesBelow(directory)) {
    const result = await replayOrExplain(name, text);
    if (result.kind !== "does-not-apply") apply++;
    if (result.kind === "agrees") agree++;
    options.write(options.json ? `${JSON.stringify(result)}\n` : describe(result));
  }
  const status = agree === apply && apply > 0 ? 0 : 1;
  options.write(
    options.json ? `${JSON.stringify({ kind: "summary", agree, apply })}\n` : `${agree} of ${apply} cases agree\n`,
  );
  return status;
}

/** By name in order; the folder's captures are the `.txt` files at any depth. */
async function capturesBelow(directory: string): Promise<ReadonlyMap<string, string>> {
  if ((await stat(directory)).isFile()) return readArchive(directory);
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile() && entry.name.endsWith(".txt"));
  const names = paths.map((entry) => join(entry.parentPath, entry.name)).sort();
  const read = async (path: string) =>
    [relative(directory, path).split(sep).join("/"), await readFile(path, "latin1")] as const;
  return new Map(await Promise.all(names.map(read)));
}

/** A capture that cannot be read is a failure with a name, not the end of the run. */
async function replayOrExplain(name: string, text: string): Promise<ReplayResult> {
  try {
    return await replayCapture(name, text);
  } catch (problem) {
    const difference = { what: "log", expected: "a replay", actual: String(problem) } as const;
    return { kind: "disagrees", name, difference };
  }
}

function describe(result: ReplayResult): string {
  switch (result.kind) {
    case "agrees":
      return `agrees          ${result.name}\n`;
    case "does-not-apply":
      return `does not apply  ${result.name}: ${result.reason}\n`;
    case "disagrees": {
      const { what, expected, actual } = result.difference;
      return `DIFFERS         ${result.name}\n  ${what}\n  real  ${indent(expected)}\n  ours  ${indent(actual)}\n`;
    }
    default:
      return result satisfies never;
  }
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n        ");
}
