/**
 * `anchorage replay-captures [FOLDER]`: plays every capture of a folder or an archive against our proxy.
 * It prints for each whether ours agrees, or the first difference, and ends on `N of M cases agree`.
 * The exit status is 0 only when at least one capture applies and all that apply agree.
 */

import { Command } from "commander";
import type { ReplayResult } from "../tools/replay/captures/replay.ts";
import { UsageError } from "./exit-status.ts";

export const replayCapturesCommand = (finish: (status: number) => void): Command =>
  new Command("replay-captures")
    .description("play recorded sessions of the real ftp-proxy against ours, and compare")
    .argument(
      "[folder]",
      "folder with captures (.txt or .txtar, at any depth), or one archive; default: the repository's own",
    )
    .option("--json", "one JSON object a line")
    .action(async (named: string | undefined, { json }: { json?: boolean }) => {
      const { OWN_CAPTURES } = await import("../tools/replay/captures/capture-archive.ts");
      const folder = named ?? OWN_CAPTURES;
      try {
        finish(await replayCaptures(folder, { json: json === true, write: (text) => process.stdout.write(text) }));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") throw new UsageError(`${folder}: No such file or directory`);
        throw error;
      }
    });

/** Answers the exit status. */
export async function replayCaptures(
  location: string,
  options: { readonly json: boolean; readonly write: (text: string) => void },
): Promise<number> {
  let agree = 0;
  let apply = 0;
  const { readCaptures } = await import("../tools/replay/captures/capture-archive.ts");
  const { replayCapture } = await import("../tools/replay/captures/replay.ts");
  for (const [name, text] of await readCaptures(location)) {
    // A capture that cannot be read is a failure with a name, not the end of the run.
    const result = await replayCapture(name, text).catch((problem): ReplayResult => {
      const difference = { what: "log", expected: "a replay", actual: String(problem) } as const;
      return { kind: "disagrees", name, difference };
    });
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
