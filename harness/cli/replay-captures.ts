/** `anchorage replay-captures [FOLDER]`: recorded sessions of the real ftp-proxy against ours. */

import { Command } from "commander";
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
      const { replayCaptures } = await import("../tools/replay/captures/command.ts");
      try {
        finish(await replayCaptures(folder, { json: json === true, write: (text) => process.stdout.write(text) }));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") throw new UsageError(`${folder}: No such file or directory`);
        throw error;
      }
    });
