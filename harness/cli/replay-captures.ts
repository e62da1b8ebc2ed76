/** `anchorage replay-captures DIR`: recorded sessions of the real ftp-proxy against ours. */

import { Command } from "commander";
import { UsageError } from "./usage-error.ts";

export const replayCapturesCommand = (finish: (status: number) => void): Command =>
  new Command("replay-captures")
    .description("play recorded sessions of the real ftp-proxy against ours, and compare")
    .argument("<folder>", "folder with captures (.txt, at any depth), or an archive of them")
    .option("--json", "one JSON object a line")
    .action(async (folder: string, { json }: { json?: boolean }) => {
      const { replayCapturesCommand: replay } = await import("../tools/replay/captures/command.ts");
      try {
        finish(await replay(folder, { json: json === true, write: (text) => process.stdout.write(text) }));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") throw new UsageError(`${folder}: No such file or directory`);
        throw error;
      }
    });
