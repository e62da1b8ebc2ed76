/**
 * Calls Vagrant in the folder of the Vagrantfile, for the lab and `anchorage vm`. Errors say what to do or to install.
 *
 * @example
 * await vagrantSshConfig("openbsd-7.8"); // text of ssh_config(5)
 */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { packageFile } from "../../package.ts";
import { remedyFor } from "../vm/remedy.ts";
import { UnreachableError } from "./transport.ts";

export const VAGRANT_FOLDER = fileURLToPath(packageFile("vm"));

/** Lines of Vagrant's message that are shown: its longest explanations have about so many. */
const SHOWN_LINES = 12;

/** Vagrant failed. The message has the last lines of Vagrant's (`words`), and the remedy if it is known. */
export class VagrantError extends Error {
  override readonly name = "VagrantError";
  readonly words: string;
  readonly remedy: string | undefined;

  constructor(args: readonly string[], words: string) {
    const lines = words.split("\n").filter((line) => line.trim() !== "");
    const remedy = remedyFor(
      words,
      args.find((word) => MACHINE.test(word)),
    );
    const shown = lines.slice(-SHOWN_LINES).map((line) => `    ${line.trim()}`);
    super([`vagrant ${args.join(" ")} failed:`, ...shown, ...(remedy === undefined ? [] : [remedy])].join("\n"));
    this.words = words;
    this.remedy = remedy;
  }
}

/** A machine of the Vagrantfile, among words of a command line. */
const MACHINE = /^(openbsd|freebsd)-/;

/** There is no Vagrant on this machine. */
export class VagrantMissing extends Error {
  override readonly name = "VagrantMissing";
}

/** Its environment: the folder of the Vagrantfile, and no colours in its output. */
export const vagrantEnv = (): NodeJS.ProcessEnv => ({
  ...process.env,
  VAGRANT_CWD: VAGRANT_FOLDER,
  VAGRANT_NO_COLOR: "1",
});

/** Its standard output. Rejects with VagrantError, VagrantMissing. */
export function vagrant(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("vagrant", args, { env: vagrantEnv(), maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if ((error as NodeJS.ErrnoException).code === "ENOENT")
        reject(new VagrantMissing("vagrant is not installed"));
      else reject(new VagrantError(args, stderr.trim() || stdout.trim()));
    });
  });
}

/** Rejects with UnreachableError, whose message says what to do. */
export async function vagrantSshConfig(machine: string): Promise<string> {
  try {
    return await vagrant(["ssh-config", machine]);
  } catch (error) {
    if (error instanceof VagrantMissing) {
      throw new UnreachableError(
        "is not up: vagrant is not installed (see `anchorage vm status`, or give --ssh-config FILE)",
      );
    }
    if (!(error instanceof VagrantError)) throw error;
    const todo = error.remedy ?? error.words.trim().replaceAll(/\s+/g, " ");
    throw new UnreachableError(`is not up: ${todo} (\`anchorage vm status\` says more; or give --ssh-config FILE)`);
  }
}
