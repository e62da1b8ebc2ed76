/**
 * `anchorage replay-captures [FOLDER]`: plays every capture of a folder or an archive against our proxy.
 * It prints for each whether ours agrees, or the first difference, and ends on `N of M cases agree`.
 * The exit status is 0 only when at least one capture applies and all that apply agree.
 *
 * @example
 * const status = await replayCaptures(OWN_CAPTURES, { json: false, write: (text) => process.stdout.write(text) });
 */

import { readCaptures } from "./capture-archive.ts";
import { type ReplayResult, replayCapture } from "./replay.ts";

export interface ReplayCommandOptions {
  /** One JSON object per line instead of text. */
  readonly json: boolean;
  readonly write: (text: string) => void;
}

export async function replayCaptures(location: string, options: ReplayCommandOptions): Promise<number> {
  let agree = 0;
  let apply = 0;
  for (const [name, text] of await readCaptures(location)) {
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
