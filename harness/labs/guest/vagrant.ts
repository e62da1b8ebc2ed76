/**
 * Vagrant, as the lab and `anchorage vm` call it: in the folder of the Vagrantfile, for one machine.
 * A machine without it is told what to install.
 *
 * @example
 * await vagrantSshConfig("openbsd-7.8"); // text of ssh_config(5)
 */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { UnreachableError } from "./transport.ts";

export const VAGRANT_FOLDER = fileURLToPath(new URL("../../../vm", import.meta.url));

/** Vagrant says no; `words` are its own. */
export class VagrantError extends Error {
  override readonly name = "VagrantError";
  readonly words: string;

  constructor(command: string, words: string) {
    super(`${command}: ${words.trim().split("\n").at(-1) ?? ""}`);
    this.words = words;
  }
}

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
      else reject(new VagrantError(`vagrant ${args.join(" ")}`, stderr.trim() || stdout.trim()));
    });
  });
}

/** Rejects with UnreachableError, whose message says what to do. */
export async function vagrantSshConfig(machine: string): Promise<string> {
  try {
    return await vagrant(["ssh-config", machine]);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const cure = error instanceof VagrantMissing ? `anchorage vm status` : `anchorage vm up ${machine}`;
    throw new UnreachableError(`is not up: ${words} (see \`${cure}\`, or give --ssh-config FILE)`);
  }
}
