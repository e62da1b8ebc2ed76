/**
 * Programs of the machine in a part of a play: where they are found, which version they are, and what
 * to say when they are not there.
 *
 * Servers that exclude each other as packages may lie in a folder of their own, unpacked by
 * `dpkg -x`: ANCHORAGE_PROGRAMS names it.
 */

import type { LabHost } from "../../../harness/lab.ts";
import { PlayerMissing } from "../../../harness/scenario.ts";

export interface Program {
  /** As the results name it. */
  readonly name: string;
  /** To be run. */
  readonly command: string;
  /** Debian's package that has it. */
  readonly package: string;
  /** Arguments that make it tell its version; absent: it does not, and the package's is taken. */
  readonly versionArgs?: readonly string[];
}

export interface FoundProgram {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly version?: string;
}

/** Rejects with PlayerMissing. */
export async function findProgram(host: LabHost, program: Program): Promise<FoundProgram> {
  const folder = process.env.ANCHORAGE_PROGRAMS;
  const folders = folder === undefined ? [] : [`${folder}/usr/sbin`, `${folder}/usr/bin`];
  const env = {
    PATH: [...folders, "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"].join(":"),
    LC_ALL: "C",
    ...(folder !== undefined && {
      LD_LIBRARY_PATH: `${folder}/usr/lib/x86_64-linux-gnu:${folder}/usr/lib/aarch64-linux-gnu`,
      PYTHONPATH: `${folder}/usr/lib/python3/dist-packages`,
    }),
  };
  const { status, stdout } = await host.run("sh", ["-c", 'command -v "$1"', "sh", program.command], { env });
  if (status !== 0) {
    throw new PlayerMissing(`${program.name} is not installed: apt-get install ${program.package}`);
  }
  const command = stdout.trim();
  const version = await versionOf(host, program, command, env);
  return { command, env, ...(version !== undefined && { version }) };
}

async function versionOf(
  host: LabHost,
  { versionArgs, package: packageName }: Program,
  command: string,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const { stdout, stderr } =
    versionArgs === undefined
      ? // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own field names
        await host.run("dpkg-query", ["-W", "-f", "${Version}", packageName])
      : await host.run(command, versionArgs, { env });
  return /\d+(\.\d+)+[\w.-]*/.exec(`${stdout}\n${stderr}`)?.[0];
}
