/**
 * Vagrant, as the lab and `anchorage vm` call it: in the folder of the Vagrantfile, for one machine.
 * A machine without it is told what to install.
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

/** As many of Vagrant's own words as are shown: its longest explanations have about this many lines. */
const SHOWN_LINES = 12;

/** Vagrant says no; `words` are its own, of which the message shows the last lines, and what to do if that is known. */
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

/** Its environment: which Vagrantfile is meant, and no colours among what is read. */
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
